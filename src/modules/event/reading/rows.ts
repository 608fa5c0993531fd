import { setImmediate as othersFirst } from 'node:timers/promises';
import { type RawResult, type StoredDocument } from '../../../database/raw-reads.js';
import { type Tail } from '../repositories/event.repository.js';
import { type Event } from '../schemas/event.schema.js';

/** The result of a command for a page. Only the events shown are decoded. */
export interface Rows {
  readonly events: readonly Event[];
  /** How many events are known from the start of the page on; may be more than are shown. */
  readonly count: number;
  /** Whether more events follow the ones shown. */
  readonly hasMore: boolean;
  /** Whether `count` counts all events from the page on. */
  readonly toTheEnd: boolean;
  /** Whether the page ends early because of its bytes. */
  readonly cut: boolean;
  /** Whether the tail or an event shown has the mark that the order of the log is not chronological. */
  readonly unordered: boolean;
  /** Whether the session turned out to be deleted. */
  readonly closed: boolean;
  readonly tail?: Tail;
  readonly counted: number;
}

/** The most documents before the events: a session, and its tail or a count. */
export const BEFORE_EVENTS = 2;

/** Bytes decoded in one turn of the event loop: a megabyte of empty objects takes 35 ms, and a page has up to four. */
const BYTES_A_TURN = 512 * 1024;

/**
 * Decodes a tail, a count and up to `limit` events, as long as they stay within `maxBytes`. Between large ones, other
 * work can run.
 */
export async function rowsOf(
  { documents, complete }: RawResult,
  limit: number,
  maxBytes: number,
): Promise<Rows> {
  const events: Event[] = [];
  let tail: Tail | undefined;
  let counted = 0;
  let others = 0;
  let bytes = 0;
  let inTurn = 0;
  for (const document of documents) {
    if (events.length === limit) break;
    bytes += document.length;
    if (events.length > 0 && bytes > maxBytes) break;
    if (inTurn > BYTES_A_TURN) {
      await othersFirst();
      inTurn = 0;
    }
    inTurn += document.length;
    const row = document.value as Event | Tail | { readonly total: number };
    if ('eventId' in row) {
      events.push(row);
      continue;
    }
    others++;
    bytes = 0;
    if ('total' in row) counted = row.total;
    else tail = row;
  }
  const count = documents.length - others + (complete ? 0 : 1);
  const cut = events.length < Math.min(limit, count);
  const unordered = tail?.unordered ?? events.some((event) => event.unordered);
  return {
    events,
    count,
    hasMore: count > events.length,
    toTheEnd: complete && count <= limit,
    cut,
    unordered,
    closed: tail?.closed ?? events.some((event) => event.closed),
    counted,
    ...(tail && { tail }),
  };
}

/** Whether the documents read so far fill a page by their bytes. */
export function areOver(documents: readonly StoredDocument[], maxBytes: number): boolean {
  return bytesOf(documents.slice(BEFORE_EVENTS)) > maxBytes;
}

/** Bytes of documents together, as they are stored. */
export function bytesOf(documents: readonly StoredDocument[]): number {
  return documents.reduce((sum, { length }) => sum + length, 0);
}
