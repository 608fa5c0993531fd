import { type Document, isDocument, toNumber } from '../bson/documents.js';
import { KeyWriter } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { placesOf } from '../storage/index-keys.js';

export interface SortField {
  readonly path: string;
  readonly parts: readonly Buffer[];
  readonly descending: boolean;
}

/** What a sort in memory may hold, as in MongoDB. */
const MAX_SORT_BYTES = 100 * 1024 * 1024;

export function parseSort(sort: Document): SortField[] {
  return [...sort].map(([path, direction]) => {
    const number = toNumber(direction);
    if (isDocument(direction))
      throw new MongoError('BadValue', 'The embedded store does not support $meta sorts.');
    if (number !== 1 && number !== -1) {
      const code = number === undefined ? 'Location15974' : 'Location15975';
      throw new MongoError(code, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    }
    const parts = path.split('.').map((name) => Buffer.from(name));
    return { path, parts, descending: number < 0 };
  });
}

/** Sorts documents (stable: equal ones keep their order). Throws when they are more than fit into memory. */
export function sortDocuments(documents: Iterable<Buffer>, sort: readonly SortField[]): Buffer[] {
  const keyed: { key: Buffer; document: Buffer }[] = [];
  let bytes = 0;
  for (const document of documents) {
    const key = sortKey(document, sort);
    bytes += document.length + key.length;
    if (bytes > MAX_SORT_BYTES) {
      throw new MongoError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${MAX_SORT_BYTES} bytes. The embedded store can't sort on disk: add an index.`,
      );
    }
    keyed.push({ key, document });
  }
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ document }) => document);
}

const writer = new KeyWriter();
const best = new KeyWriter();

/** An array sorts by its lowest element, in a descending sort by its highest. */
function sortKey(document: Buffer, sort: readonly SortField[]): Buffer {
  const keys = sort.map(({ parts, descending }) => {
    let lowest: Buffer | undefined;
    for (const place of placesOf(document, parts).places) {
      best.reset().value(place);
      if (descending) best.invertFrom(0);
      const key = best.take();
      if (!lowest || Buffer.compare(key, lowest) < 0) lowest = key;
    }
    return lowest ?? Buffer.alloc(0);
  });
  writer.reset();
  for (const key of keys) writer.append(key);
  return writer.take();
}
