import { Injectable } from '@nestjs/common';
import { encodeCursor } from './cursor.js';
import { type EventKey, type EventQuery, type EventSelection } from './event-query.js';
import { EventRepository, type Tail } from '../repositories/event.repository.js';
import { SessionDeletedError } from '../../session/session.errors.js';
import { type Event } from '../schemas/event.schema.js';

/** Where a numbered page stands among all. */
export interface PageNumbers {
  readonly page: number;
  readonly total: number;
}

/** Events of one page, and what follows it. */
export interface EventPage {
  readonly events: readonly Event[];
  readonly limit: number;
  /** Absent under a cursor, whose place among all is not known. */
  readonly numbers?: PageNumbers;
  /** Null on the last page. */
  readonly nextCursor: string | null;
  /**
   * How far the page lets a reader see the log. A session that ended at a higher sequence would contradict it.
   * Infinity where the page does not show where the log ends.
   */
  readonly seenThrough: number;
}

/** The rows of a numbered page, and how many there are in all. */
interface Rows {
  readonly events: readonly Event[];
  readonly total: number;
  readonly seenThrough: number;
  readonly unordered?: boolean;
}

type PageQuery = Extract<EventQuery, { page: number }>;
type CursorQuery = Extract<EventQuery, { after: EventKey }>;

/**
 * Reads pages of a session's events.
 *
 * Sequences have no gaps, so the tail's sequence is the total, and page *p* in the order of the log is a range of
 * sequences: no count, no skip, the same cost at any depth. As long as no event of a session is older than the one
 * before it, the order of time is the order of the log. An event that breaks this is marked `unordered`, and so is
 * every later one; a page and a tail without the mark prove that up to there both orders are the same.
 */
@Injectable()
export class EventReader {
  constructor(private readonly events: EventRepository) {}

  /** Reads one page. That the session exists is not looked at: one without events has an empty page. */
  async read(sessionId: string, query: EventQuery): Promise<EventPage> {
    const page = await (query.after ? this.readAfter(sessionId, query) : this.readNumbered(sessionId, query));
    if (page.events.some(({ closed }) => closed)) throw new SessionDeletedError(sessionId);
    return page;
  }

  private async readAfter(sessionId: string, query: CursorQuery): Promise<EventPage> {
    const found = await this.findAfter(sessionId, query, query.limit + 1); // one more tells whether more follow
    const hasMore = found.length > query.limit;
    const events = found.slice(0, query.limit);
    return {
      events,
      limit: query.limit,
      nextCursor: hasMore ? cursorAfter(sessionId, query, events) : null,
      seenThrough: hasMore ? Infinity : highestSequence(events),
    };
  }

  private async findAfter(sessionId: string, query: CursorQuery, limit: number): Promise<Event[]> {
    const { filter, sort, order, after } = query;
    if (sort === 'sequence') {
      return order === 'asc'
        ? this.events.findInLogOrder(
            sessionId,
            { ...filter, afterSequence: after.sequence },
            { order, limit },
          )
        : this.events.findInLogOrder(sessionId, filter, { order, limit }, after.sequence - 1);
    }
    // In two parts, each a range of one index: together they cost the same however many share the millisecond.
    const parts = await Promise.all([
      this.events.findTies(sessionId, filter, after, { order, limit }),
      this.events.findBeyond(sessionId, filter, after, { order, limit }),
    ]);
    return parts.flat().slice(0, limit);
  }

  private async readNumbered(sessionId: string, query: PageQuery): Promise<EventPage> {
    const { page, limit } = query;
    const { events, total, seenThrough } = await this.readRows(sessionId, query);
    return {
      events,
      limit,
      numbers: { page, total },
      nextCursor: page * limit < total ? cursorAfter(sessionId, query, events) : null,
      seenThrough,
    };
  }

  private async readRows(sessionId: string, query: PageQuery): Promise<Rows> {
    const { type, from, to } = query.filter;
    if (type ?? from ?? to) return this.countAndSkip(sessionId, query);
    const rows = await this.readByPlace(sessionId, query);
    return query.sort === 'timestamp' && rows.unordered ? this.skipInTime(sessionId, query, rows) : rows;
  }

  /** A page in the order of the log, which needs neither count nor skip. */
  private async readByPlace(sessionId: string, query: PageQuery): Promise<Rows> {
    const { filter, order, limit } = query;
    const base = filter.afterSequence ?? 0;
    const start = startOf(query);
    let tail: Tail | null;
    let events: Event[];
    if (order === 'asc') {
      [tail, events] = await Promise.all([
        this.events.findTail(sessionId),
        this.events.findInLogOrder(sessionId, { afterSequence: base + start }, { order, limit }),
      ]);
    } else {
      // Counted from the end, so the end comes first; on the first page it is the first row.
      tail = start === 0 ? null : await this.events.findTail(sessionId);
      // Of a log without events every page but the first is empty, whatever is stored between the two reads.
      const upTo = start === 0 ? undefined : (tail?.sequence ?? 0) - start;
      events = await this.events.findInLogOrder(sessionId, filter, { order, limit }, upTo);
    }
    const last = Math.max(tail?.sequence ?? 0, highestSequence(events));
    const total = agree(Math.max(0, last - base), events.length, query);
    return {
      events,
      total,
      seenThrough: Math.min(last, base + total),
      unordered: [tail, ...events].some((event) => event?.unordered),
    };
  }

  /** A page in the order of time, of a log whose order is another; its total is known from there. */
  private async skipInTime(
    sessionId: string,
    query: PageQuery,
    { total: known, seenThrough }: Rows,
  ): Promise<Rows> {
    const { filter, order, limit } = query;
    // One more tells whether more follow; the total was read before, and may not know of it yet.
    const found = await this.events.findInTimeOrder(sessionId, filter, {
      order,
      skip: startOf(query),
      limit: limit + 1,
    });
    const total = Math.max(known, highestSequence(found) - (filter.afterSequence ?? 0));
    return {
      events: found.slice(0, limit),
      total: agree(total, found.length, query, limit + 1),
      seenThrough,
    };
  }

  /** A page of what a filter on type or time selects. */
  private async countAndSkip(sessionId: string, query: PageQuery): Promise<Rows> {
    const { filter, sort, order, limit } = query;
    const slice = { order, skip: startOf(query), limit: limit + 1 }; // one more, as in skipInTime
    const [count, found] = await Promise.all([
      this.events.count(sessionId, filter),
      sort === 'sequence'
        ? this.events.findInLogOrder(sessionId, filter, slice)
        : this.events.findInTimeOrder(sessionId, filter, slice),
    ]);
    const events = found.slice(0, limit);
    const total = agree(count, found.length, query, limit + 1);
    const hasMore = query.page * limit < total;
    return { events, total, seenThrough: hasMore ? Infinity : highestSequence(events) };
  }
}

/** How many events stand before a page. */
function startOf({ page, limit }: PageQuery): number {
  return (page - 1) * limit;
}

/**
 * The total that agrees with `rows` that were read beside it, from the page's start on: events may have been stored
 * between the two reads. Fewer rows than asked for end where the total is; else they reach at least to their own end.
 */
function agree(total: number, rows: number, query: PageQuery, asked = query.limit): number {
  const start = startOf(query);
  if (rows === asked) return Math.max(total, start + rows);
  return rows > 0 ? start + rows : Math.min(total, start);
}

function highestSequence(events: readonly Event[]): number {
  return Math.max(0, ...events.map(({ sequence }) => sequence));
}

function cursorAfter(sessionId: string, selection: EventSelection, events: readonly Event[]): string | null {
  const last = events.at(-1);
  if (!last) return null;
  return encodeCursor({
    sessionId,
    selection,
    after: { timestamp: last.timestamp, sequence: last.sequence },
  });
}
