import { channel } from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Document } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { type Collection, recordIdOf } from '../storage/collection.js';
import type { Engine, Entry, KeyRange } from '../storage/engine.js';
import { type Plan, plan } from './planner.js';

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

/** What a query cost, as published on the channel `embedded-mongo.scan` when it is over. */
export interface ScanReport {
  readonly namespace: string;
  /** The name of the index; undefined for a scan of the whole collection. */
  readonly index: string | undefined;
  /** How many index entries and documents were read, and how many documents found. */
  keys: number;
  documents: number;
  found: number;
}

const reports = channel('embedded-mongo.scan');

/** How many entries are read at a time. Between two reads, a scan holds no LMDB cursor, and so no old version. */
const FIRST_READ = 101;
const NEXT_READ = 200;

/**
 * The documents that a query finds, in its sort order. In place of a document that was looked at and is not among them, it
 * gives undefined, so that whoever runs it through can stop in between.
 */
export function* find(
  engine: Engine,
  collection: Collection,
  { filter, sort = new Map(), skip = 0, limit = 0 }: Query,
): Generator<Found | undefined> {
  const planned = plan(collection, filter, sort);
  const report: ScanReport = {
    namespace: collection.namespace,
    index: planned.index?.name,
    keys: 0,
    documents: 0,
    found: 0,
  };
  // Where each entry of the index is a document of the result, those before it need not be read.
  const unread = planned.index && planned.ranges.length === 1 && !planned.residual ? skip : 0;
  let toSkip = skip - unread;
  const expected = planned.residual || limit === 0 ? FIRST_READ : Math.min(FIRST_READ, toSkip + limit);
  try {
    for (const found of inRanges({ engine, collection, planned, expected, unread, report })) {
      const matches = found && (!planned.residual || planned.residual(found.document));
      if (!matches || toSkip-- > 0) {
        yield undefined;
        continue;
      }
      report.found++;
      yield found;
      if (report.found === limit) return;
    }
  } finally {
    if (reports.hasSubscribers) reports.publish(report);
  }
}

interface Scan {
  readonly engine: Engine;
  readonly collection: Collection;
  readonly planned: Plan;
  /** How many documents will probably be wanted. */
  readonly expected: number;
  /** How many entries to skip unread. */
  readonly unread: number;
  readonly report: ScanReport;
}

function* inRanges(scan: Scan): Generator<Found | undefined> {
  const { engine, collection, planned, expected, report } = scan;
  const { index, ranges, backwards } = planned;
  for (const range of backwards ? [...ranges].reverse() : ranges) {
    let after = yield* skipUnread(scan, range);
    for (let size = expected; ; size = NEXT_READ) {
      const { turn } = engine;
      const entries: Entry[] = engine.entries(range, backwards, size, after);
      for (const { key, value } of entries) {
        // Other commands may have changed what was read ahead.
        if (engine.turn !== turn) break;
        after = key;
        if (index) report.keys++;
        const document = index ? collection.get(value) : value;
        report.documents++;
        yield document && { recordId: index ? value : recordIdOf(key), document };
      }
      if (engine.turn === turn && entries.length < size) break;
    }
  }
}

/** Goes past entries without reading them, and returns the key of the last one. */
function* skipUnread({ engine, planned, unread, report }: Scan, range: KeyRange) {
  let after: Buffer | undefined;
  for (let left = unread; left > 0; left -= NEXT_READ) {
    const step = Math.min(left, NEXT_READ);
    const [last] = engine.entries(range, planned.backwards, 1, after, step - 1);
    if (!last) return range[planned.backwards ? 'from' : 'to'];
    report.keys += step;
    after = last.key;
    yield undefined;
  }
  return after;
}

/** How long a command may keep others waiting. */
const SLICE_MS = 5;

/** The time of a command that reads: it pauses after each slice for other connections, and is over after `maxTimeMs`. */
export class Pace {
  private slice = performance.now() + SLICE_MS;
  private readonly end: number;

  /** With a `maxTimeMs` of 0 there is no end. */
  constructor(
    private readonly engine: Engine,
    maxTimeMs: number,
  ) {
    this.end = maxTimeMs > 0 ? performance.now() + maxTimeMs : Infinity;
    engine.turn++;
  }

  /** Whether it is time to `pause`. */
  get isOver(): boolean {
    return performance.now() > this.slice;
  }

  /** Lets others run. Throws MaxTimeMSExpired when the time of the command is over. */
  async pause(): Promise<void> {
    if (performance.now() > this.end)
      throw new MongoError('MaxTimeMSExpired', 'operation exceeded time limit');
    await nextTurn();
    this.engine.turn++;
    this.slice = performance.now() + SLICE_MS;
  }
}
