import { type Document, toNumber } from '../bson/documents.js';
import { KeyWriter } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { pathOf, placeOf } from '../storage/indexes.js';

export interface SortField {
  readonly path: string;
  readonly descending: boolean;
}

/** The memory limit of a sort, as in MongoDB. */
const MAX_SORT_BYTES = 100 * 1024 * 1024;
const TOO_MUCH_TO_SORT = `Sort exceeded memory limit of ${MAX_SORT_BYTES} bytes; the embedded store needs an index for it.`;

export function parseSort(sort: Document): SortField[] {
  return [...sort].map(([path, direction]) => {
    const number = toNumber(direction);
    if (path.startsWith('$') || (number !== 1 && number !== -1))
      throw new MongoError(number === undefined ? 15974 : 15975, 'a sort must be 1 or -1 of a field');
    return { path, descending: number < 0 };
  });
}

const writer = new KeyWriter();

/** Sorts by documents (stably). Throws if they exceed the memory limit. */
export function sortBy<T extends { readonly document: Buffer }>(
  sort: readonly SortField[],
  items: Iterable<T>,
): T[] {
  const parts = sort.map(({ path }) => pathOf(path));
  const keyed: { key: Buffer; item: T }[] = [];
  let bytes = 0;
  for (const item of items) {
    const { document } = item;
    writer.reset();
    for (const [i, path] of parts.entries()) {
      const start = writer.length;
      writer.value(placeOf(document, path));
      if (sort[i]?.descending) writer.invertFrom(start);
    }
    const key = writer.take();
    bytes += document.length + key.length;
    if (bytes > MAX_SORT_BYTES)
      throw new MongoError('QueryExceededMemoryLimitNoDiskUseAllowed', TOO_MUCH_TO_SORT);
    keyed.push({ key, item });
  }
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ item }) => item);
}
