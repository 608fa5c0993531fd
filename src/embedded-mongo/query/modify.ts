import { type Document, EMPTY } from '../bson/documents.js';
import { type Collection, idOf } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import { plan } from './planner.js';
import { type Found, scan } from './scan.js';
import { sortDocuments } from './sort.js';
import type { Update } from './update.js';

/** The records a write is about to change, found before the first is: a changed one must not be found again. */
export function findTargets(
  store: Store,
  collection: Collection,
  query: { filter: Document; sort?: Document; hint?: unknown; multi: boolean },
): Found[] {
  const chosen = plan(collection, query.filter, query.sort ?? EMPTY, query.hint);
  const found = scan(store.reader, collection, chosen, query.multi || chosen.sort ? undefined : 1);
  if (query.multi) return [...found];
  if (!chosen.sort) {
    const first = found.next();
    return first.done ? [] : [first.value];
  }
  const all = [...found];
  const [lowest] = sortDocuments(
    all.map(({ document }) => document),
    chosen.sort,
  );
  return all.filter(({ document }) => document === lowest);
}

/** Updates one record and answers what it is then; stores nothing when that is what it was. Only inside a write. */
export function updateRecord(
  collection: Collection,
  { recordId, document }: Found,
  update: Update,
  filter: Document,
): Buffer {
  const after = update.apply(document, filter);
  if (!after.equals(document)) collection.replace(recordId, document, after);
  return after;
}

/** Stores the document an upsert makes; answers its `_id`. Only inside a write. */
export function upsert(
  collection: Collection,
  update: Update,
  filter: Document,
): { id: unknown; document: Buffer } {
  const document = update.insert(filter);
  collection.insert(document);
  return { id: idOf(document), document };
}
