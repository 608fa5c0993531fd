import { type Document, EMPTY } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { type Collection, recordIdOf } from '../storage/collection.js';
import type { Engine } from '../storage/engine.js';
import { type Plan, plan } from './planner.js';
import { sortBy } from './sort.js';

export interface Found {
  readonly recordId: Buffer;
  readonly document: Buffer;
}

/** A query on one collection. */
export interface Query {
  readonly filter: Document;
  readonly sort?: Document;
  readonly skip?: number;
  /** 0: all. */
  readonly limit?: number;
}

/** What a scan examined, for `explain`. */
export interface ScanCounts {
  keys: number;
  documents: number;
}

/** How many entries are read at a time. Between two reads, a scan holds no LMDB cursor, and so no old version. */
const FIRST_READ = 101;
const NEXT_READ = 1000;

/** How many entries one step skips. LMDB does not check the end of the range while it skips. */
const SKIPPED_AT_ONCE = 1000;

/** The documents that a query finds, in its sort order. */
export function find(engine: Engine, collection: Collection, query: Query): Generator<Found> {
  return follow(engine, collection, plan(collection, query.filter, query.sort ?? EMPTY), query);
}

/** The documents that a query finds by its plan. */
export function* follow(
  engine: Engine,
  collection: Collection,
  planned: Plan,
  { skip = 0, limit = 0 }: Query,
  counts: ScanCounts = { keys: 0, documents: 0 },
): Generator<Found> {
  const skipped = skipsKeys(planned) ? skip : 0;
  const end = limit === 0 ? Infinity : skip + limit;
  const expected = Math.min(planned.residual || planned.sort ? NEXT_READ : FIRST_READ, end - skipped);
  const scanned = filtered({ engine, collection, planned, counts, expected, skip: skipped });
  const sorted = planned.sort ? sortBy(planned.sort, scanned) : scanned;
  let position = skipped;
  for (const found of sorted) {
    if (position++ < skip) continue;
    yield found;
    if (position >= end) return;
  }
}

/** Whether each index entry is one document of the result, so that entries can be skipped unread. */
export function skipsKeys({ index, ranges, points, residual, sort }: Plan): boolean {
  return index !== undefined && ranges.length === 1 && !points && !residual && !sort;
}

interface Scan {
  readonly engine: Engine;
  readonly collection: Collection;
  readonly planned: Plan;
  readonly counts: ScanCounts;
  /** How many documents will probably be consumed. */
  readonly expected: number;
  /** How many entries to skip unread. */
  readonly skip: number;
}

/** The documents of a plan, in scan order. */
function* filtered(scan: Scan): Generator<Found> {
  const { planned, counts } = scan;
  for (const found of planned.points ? atPoints(scan, planned.points) : inRanges(scan)) {
    counts.documents++;
    checkDeadline();
    if (!planned.residual || planned.residual(found.document)) yield found;
  }
}

function* atPoints(
  { engine, collection, planned, counts }: Scan,
  points: readonly Buffer[],
): Generator<Found> {
  for (const point of planned.backwards ? [...points].reverse() : points) {
    const recordId = engine.get(point);
    const document = recordId && collection.get(recordId);
    if (!document) continue;
    counts.keys++;
    yield { recordId, document };
  }
}

function* inRanges({ engine, collection, planned, counts, expected, skip }: Scan): Generator<Found> {
  const { index, ranges, backwards } = planned;
  for (const range of backwards ? [...ranges].reverse() : ranges) {
    let after: Buffer | undefined;
    for (let left = skip; left > 0; left -= SKIPPED_AT_ONCE) {
      const step = Math.min(left, SKIPPED_AT_ONCE);
      const [last] = engine.entries(range, backwards, 1, after, step - 1);
      if (!last) return; // A plan that skips has a single range.
      counts.keys += step;
      after = last.key;
      checkDeadline();
    }
    for (let size = Math.min(expected, NEXT_READ); ; size = NEXT_READ) {
      const entries = engine.entries(range, backwards, size, after);
      for (const { key, value } of entries) {
        if (index) counts.keys++;
        const document = index ? collection.get(value) : value;
        // The document may have been deleted since the entries were read.
        if (document) yield { recordId: index ? value : recordIdOf(key), document };
      }
      after = entries.at(-1)?.key;
      if (!after || entries.length < size) break;
    }
  }
}

/** How many documents are examined between two looks at the clock. */
const DOCUMENTS_A_LOOK = 64;

let deadline = Infinity;
let looked = 0;

/** Runs synchronous `work`, which may examine documents for `ms` milliseconds (0: without limit). */
export function withDeadline<T>(ms: number, work: () => T): T {
  deadline = ms > 0 ? performance.now() + ms : Infinity;
  try {
    return work();
  } finally {
    deadline = Infinity;
  }
}

/** Throws MaxTimeMSExpired after the deadline. */
function checkDeadline(): void {
  if (deadline !== Infinity && ++looked % DOCUMENTS_A_LOOK === 0 && performance.now() > deadline) {
    throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit');
  }
}
