import { decode } from '../bson/documents.js';
import { type Collection, recordIdOf } from '../storage/collection.js';
import type { Engine } from '../storage/engine.js';
import { checkDeadline } from './deadline.js';
import type { Plan } from './planner.js';
import { sortDocuments } from './sort.js';

export interface Found {
  readonly recordId: Buffer;
  readonly document: Buffer;
}

/** What a scan looked at, for `explain`. */
export interface ScanCounts {
  keys: number;
  documents: number;
}

/** How many entries are read at a time; a scan holds no LMDB cursor, and so no old version, between two reads. */
const FIRST_READ = 101;
const NEXT_READ = 1000;

/** Entries stepped over in one go: LMDB does not look for the end of the range meanwhile. */
const SKIPPED_AT_ONCE = 1000;

/** The documents of a plan in its scan's order, filtered. `expected` says how many will probably be taken. */
export function* scan(
  engine: Engine,
  collection: Collection,
  plan: Plan,
  expected = FIRST_READ,
  counts: ScanCounts = { keys: 0, documents: 0 },
  skip = 0,
): Generator<Found> {
  for (const { recordId, document } of candidates(engine, collection, plan, expected, counts, skip)) {
    counts.documents++;
    checkDeadline();
    if (!plan.residual || plan.residual(decode(document))) yield { recordId, document };
  }
}

/** The documents of a plan in the order of its sort, less the first `skip`, at most `limit` of them (0: all). */
export function* ordered(
  engine: Engine,
  collection: Collection,
  plan: Plan,
  skip: number,
  limit: number,
  counts?: ScanCounts,
): Generator<Buffer> {
  const skipped = skipsKeys(plan) ? skip : 0;
  const end = limit === 0 ? Infinity : skip + limit;
  const expected = Math.min(plan.residual || plan.sort ? NEXT_READ : FIRST_READ, end - skipped);
  const scanned = documentsOf(scan(engine, collection, plan, expected, counts, skipped));
  const sorted = plan.sort ? sortDocuments(scanned, plan.sort) : scanned;
  let position = skipped;
  for (const document of sorted) {
    if (position++ < skip) continue;
    yield document;
    if (position >= end) return;
  }
}

/** Whether each entry of the index is one document of the result, so that entries can be stepped over unread. */
export function skipsKeys({ index, ranges, points, residual, sort }: Plan): boolean {
  return index?.multikey === false && ranges.length === 1 && !points && !residual && !sort;
}

function* documentsOf(found: Iterable<Found>): Generator<Buffer> {
  for (const { document } of found) yield document;
}

function* candidates(
  engine: Engine,
  collection: Collection,
  plan: Plan,
  expected: number,
  counts: ScanCounts,
  skip: number,
): Generator<Found> {
  if (plan.points) {
    for (const point of plan.backwards ? [...plan.points].reverse() : plan.points) {
      const recordId = engine.get(point);
      const document = recordId && collection.get(recordId);
      if (!document) continue;
      counts.keys++;
      yield { recordId, document };
    }
    return;
  }
  const seen = plan.index?.multikey ? new Set<string>() : undefined;
  for (const range of plan.backwards ? [...plan.ranges].reverse() : plan.ranges) {
    let after: Buffer | undefined;
    let size = Math.min(expected, NEXT_READ);
    for (let left = skip; left > 0; left -= SKIPPED_AT_ONCE) {
      const step = Math.min(left, SKIPPED_AT_ONCE);
      const [last] = engine.entries(range, plan.backwards, 1, after, step - 1);
      if (!last) return; // skipping is asked for where there is but one range
      counts.keys += step;
      after = last.key;
      checkDeadline();
    }
    for (;;) {
      const entries = engine.entries(range, plan.backwards, size, after);
      for (const { key, value } of entries) {
        if (!plan.index) {
          yield { recordId: recordIdOf(key), document: value };
          continue;
        }
        counts.keys++;
        // One document stands several times in a multikey index.
        if (seen?.has(value.toString('latin1'))) continue;
        seen?.add(value.toString('latin1'));
        const document = collection.get(value);
        // It may have been deleted since the entries were read.
        if (document) yield { recordId: value, document };
      }
      after = entries.at(-1)?.key;
      if (!after || entries.length < size) break;
      size = NEXT_READ;
    }
  }
}
