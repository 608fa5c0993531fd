import { pageOf, pageUpTo, type EventPipeline } from '../repositories/event-pipelines.js';
import { type Event } from '../schemas/event.schema.js';
import { cursorAfter } from './cursor.js';
import { type PageQuery } from './event-query.js';
import { type Rows } from './rows.js';

/** The number of a page, and the total. */
export interface PageNumbers {
  readonly page: number;
  readonly total: number;
}

/** The events of one page, and the cursor of the next. */
export interface EventPage {
  readonly events: readonly Event[];
  readonly limit: number;
  /** Absent for a page read by cursor, whose number is not known. */
  readonly numbers?: PageNumbers;
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** How many index entries the first command may skip: up to here, that is cheaper than a second command. */
const SKIPPED_AT_ONCE = 200;

/**
 * A numbered page of the rows that were read for it.
 *
 * @param known the total as far as other parts of the command told it.
 */
export function numberedPage(sessionId: string, query: PageQuery, rows: Rows, known: number): EventPage {
  const { page, limit } = query;
  const total = agree(known, rows, query);
  const hasMore = rows.cut || page * limit < total;
  return {
    events: rows.events,
    limit,
    numbers: { page, total },
    nextCursor: hasMore ? cursorAfter(sessionId, query, rows.events) : null,
  };
}

/**
 * Whether a page is read by skipping to it in the index of its own order. In ascending order of the log, a range of
 * sequences is always better. With `afterSequence`, the chronological index contains events that must not be counted.
 */
export function isSkippedAtOnce({ sort, order, filter, ...query }: PageQuery): boolean {
  const near = startOf(query) + query.limit <= SKIPPED_AT_ONCE;
  return near && (sort === 'sequence' ? order === 'desc' : filter.afterSequence === undefined);
}

/**
 * The query for a page that the first command did not find; undefined if it did.
 *
 * @param last the sequence of the tail.
 * @param unordered whether the order of the log is not chronological.
 */
export function secondTry(
  sessionId: string,
  query: PageQuery,
  last: number,
  unordered: boolean,
): EventPipeline | undefined {
  const { sort, order, filter, limit } = query;
  if (startOf(query) >= last) return undefined; // past the end in any order
  if (sort === 'timestamp' && unordered) return skippingTo(sessionId, query);
  if (order === 'asc') return undefined;
  return pageUpTo(sessionId, filter, last - startOf(query), { order, limit: limit + 1 });
}

/** A page in its own order, at any distance. */
export function skippingTo(sessionId: string, query: PageQuery): EventPipeline {
  const { filter, sort, order, limit } = query;
  return pageOf(sessionId, filter, sort, { order, skip: startOf(query), limit: limit + 1 });
}

/** How many events precede a page. */
export function startOf({ page, limit }: Pick<PageQuery, 'page' | 'limit'>): number {
  return (page - 1) * limit;
}

/**
 * A total that agrees with the page that was read after it, as events may have been stored in between. If there are
 * fewer rows than requested, they end at the total; otherwise the total is at least where they end. One row more than
 * the page holds is requested, in case an older event, stored in between, has pushed one to the next page.
 */
function agree(total: number, { count, toTheEnd }: Rows, query: PageQuery): number {
  const start = startOf(query);
  if (!toTheEnd) return Math.max(total, start + count);
  return count > 0 ? start + count : Math.min(total, start);
}
