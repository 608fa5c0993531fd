import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { AppConfig } from '../../../config/load-config.js';
import { type ReadBounds, type StoredDocument } from '../../../database/raw-reads.js';
import { SessionDeletedError, SessionNotFoundError } from '../../session/session.errors.js';
import { StoreUnavailableError } from '../../../http/domain-error.js';
import { SessionService } from '../../session/services/session.service.js';
import { EventRepository } from '../repositories/event.repository.js';
import {
  countOf,
  pageOf,
  pagesAfter,
  pageUpTo,
  tailOf,
  type EventPipeline,
} from '../repositories/event-pipelines.js';
import { type Event } from '../schemas/event.schema.js';
import { cursorAfter } from './cursor.js';
import { type CursorQuery, type EventQuery, type PageQuery } from './event-query.js';
import { Lines } from './lines.js';
import { areOver, BEFORE_EVENTS, bytesOf, rowsOf, type Rows } from './rows.js';

type Session = Awaited<ReturnType<SessionService['get']>>;

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

/** A session, and a page of its events that was not read before it. */
export interface SessionPage {
  readonly session: Session;
  readonly page: EventPage;
}

type Found = Rows & { readonly session: Session };

/** How many index entries the first command may skip: up to here, that is cheaper than a second command. */
const SKIPPED_AT_ONCE = 200;

/** How many pages of sessions with large events are read at once. */
const LARGE_AT_ONCE = 2;

/** How many pages of sessions that are not known to have small or large events are read at once: each may be a reply of 16 MiB. */
const UNKNOWN_AT_ONCE = 16;

/** A page is large from this part of `MAX_PAGE_BYTES` on. */
const LARGE_PART = LARGE_AT_ONCE / UNKNOWN_AT_ONCE;

/** For how many sessions it is remembered how many of their events fill a page. */
const MAX_REMEMBERED = 10_000;

/**
 * Reads a session with a page of its events, in one command: session, tail and page, each no earlier than the one
 * before it. So the tail is at least what a session ended with, and the page shows at least what the tail counts.
 *
 * Sequences have no gaps, so the tail's sequence is the total, and page *p* in the order of the log is a range of
 * sequences: no count, no skip, the same cost at any depth. In the order of time the first pages skip entries of its
 * index. Further on, where that would cost more than another command, the page is looked for by its place first: an
 * event that is older than its predecessor is marked `unordered`, and so is every later one; a page and a tail without
 * the mark prove that up to there both orders are the same. Only a marked session pays for a long skip.
 */
@Injectable()
export class EventReader {
  /**
   * How many events of a session with large pages fit on one: more need not be fetched at once. Infinity where its events
   * are small.
   */
  private readonly fitting = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  /** Reads large pages one after the other: side by side, all of them would miss their deadline. */
  private readonly large = pLimit(LARGE_AT_ONCE);
  private readonly unknown = pLimit(UNKNOWN_AT_ONCE);
  /** Of each session that is not known for a small one, lets one page be read at once: it tells what the next will be. */
  private readonly lines = new Lines();

  constructor(
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
    private readonly config: AppConfig,
  ) {}

  /**
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   * @throws StoreUnavailableError where large pages are asked for faster than they can be read.
   */
  async read(sessionId: string, query: EventQuery): Promise<SessionPage> {
    if (this.isSmall(sessionId)) return this.readNow(sessionId, query);
    const since = performance.now();
    const page = await this.lines.after(sessionId, async () => {
      if (this.isSmall(sessionId)) return undefined; // as it turned out: it goes on beside others
      const inTurn = this.fitting.has(sessionId) ? this.large : this.unknown;
      return inTurn(() => {
        this.refuseLate(since);
        return this.readNow(sessionId, query);
      });
    });
    return page ?? this.readNow(sessionId, query);
  }

  private isSmall(sessionId: string): boolean {
    return this.fitting.get(sessionId) === Infinity;
  }

  /** Stops work whose deadline has passed. @throws StoreUnavailableError */
  private refuseLate(since: number): void {
    if (performance.now() - since > this.config.storeTimeoutMs) throw new StoreUnavailableError();
  }

  private async readNow(sessionId: string, query: EventQuery): Promise<SessionPage> {
    const found = await this.readOnce(sessionId, query);
    // Events, but the session was read before the first of them was stored: now it will say so.
    const { events, numbers } = found.page;
    const overtaken = found.session.status === 'initiated' && (events.length > 0 || numbers?.total);
    return overtaken ? this.readOnce(sessionId, query) : found;
  }

  private async readOnce(sessionId: string, query: EventQuery): Promise<SessionPage> {
    if (query.after) return this.readAfter(sessionId, query);
    const { type, from, to } = query.filter;
    return (type ?? from ?? to) ? this.readFiltered(sessionId, query) : this.readNumbered(sessionId, query);
  }

  private async readAfter(sessionId: string, query: CursorQuery): Promise<SessionPage> {
    const { filter, sort, order, after, limit } = query;
    const pages = pagesAfter(sessionId, filter, sort, after, { order, limit: limit + 1 });
    const { session, events, hasMore } = await this.find(sessionId, query, pages);
    return {
      session,
      page: { events, limit, nextCursor: hasMore ? cursorAfter(sessionId, query, events) : null },
    };
  }

  /** A page of what a filter on type or time selects: counted, and skipped to. */
  private async readFiltered(sessionId: string, query: PageQuery): Promise<SessionPage> {
    const count = countOf(sessionId, query.filter);
    const found = await this.find(sessionId, query, [count, skippingTo(sessionId, query)]);
    return numbered(sessionId, query, found, found.counted);
  }

  private async readNumbered(sessionId: string, query: PageQuery): Promise<SessionPage> {
    const { order, filter, limit } = query;
    const base = filter.afterSequence ?? 0;
    const start = startOf(query);
    const tail = tailOf(sessionId);
    const places = { afterSequence: base + start };
    const byPlace = pageOf(sessionId, places, 'sequence', { order: 'asc', limit: limit + 1 });
    const byPlaceFrom = { asc: [tail, byPlace], desc: [tail] }; // counted from the end, a place is known when that is
    const pipelines = isSkippedAtOnce(query) ? [tail, skippingTo(sessionId, query)] : byPlaceFrom[order];

    const found = await this.find(sessionId, query, pipelines);
    const { session, tail: { sequence: last = 0 } = {} } = found;
    const again = isSkippedAtOnce(query) ? undefined : secondTry(sessionId, query, last, found.unordered);
    const rows = again ? await this.findMore(sessionId, query, again) : found;
    const highest = Math.max(last, ...rows.events.map(({ sequence }) => sequence));
    return numbered(sessionId, query, { ...rows, session }, Math.max(0, highest - base));
  }

  /** A session, and beside it what pipelines find; the last of them is the page, or a part of it. */
  private async find(
    sessionId: string,
    query: EventQuery,
    pipelines: readonly EventPipeline[],
  ): Promise<Found> {
    const since = performance.now();
    const beside = pipelines.map((pipeline) => this.events.beside(pipeline));
    const { session, ...found } = await this.sessions
      .getWith(sessionId, beside, this.bounds(sessionId, query))
      .catch((error: unknown) => {
        if (error instanceof SessionNotFoundError) this.fitting.set(sessionId, Infinity); // nothing is small
        throw error;
      });
    this.refuseLate(since);
    return { session, ...(await this.rowsOf(sessionId, query, found)) };
  }

  /** The page by a command of its own, after the session and the tail are known. */
  private async findMore(sessionId: string, query: EventQuery, pipeline: EventPipeline): Promise<Rows> {
    return this.rowsOf(sessionId, query, await this.events.find(pipeline, this.bounds(sessionId, query)));
  }

  private bounds(sessionId: string, query: EventQuery): ReadBounds {
    const { limit, after } = query;
    const { pageBytes } = this.config.limits;
    const fitting = this.fitting.get(sessionId) ?? Infinity; // where a reply can't hold them all, each is read by itself
    const wanted = (after ? 2 : 1) * (limit + 1); // what follows a cursor may come in two parts
    return {
      isShort: looksOnlyAtItsPage(query) && fitting === Infinity, // large ones go one after the other
      batchSize: BEFORE_EVENTS + Math.min(wanted, fitting + 1),
      enough: (documents) => areOver(documents, pageBytes),
    };
  }

  private async rowsOf(
    sessionId: string,
    { limit }: EventQuery,
    found: Parameters<typeof rowsOf>[0],
  ): Promise<Rows> {
    const rows = await rowsOf(found, limit, this.config.limits.pageBytes);
    if (rows.closed) throw new SessionDeletedError(sessionId); // after it was found there
    if (rows.cut) this.fitting.set(sessionId, rows.events.length);
    else if (!this.fitting.has(sessionId)) this.learn(sessionId, found.documents);
    return rows;
  }

  /** Remembers of what kind a session is, if a page that was not cut tells. */
  private learn(sessionId: string, documents: readonly StoredDocument[]): void {
    const { pageBytes, maxPageSize } = this.config.limits;
    if (documents.every(({ length }) => length * maxPageSize <= pageBytes)) {
      this.fitting.set(sessionId, Infinity);
    } else if (bytesOf(documents) > pageBytes * LARGE_PART) {
      this.fitting.set(sessionId, maxPageSize);
    }
  }
}

function numbered(sessionId: string, query: PageQuery, found: Found, known: number): SessionPage {
  const { page, limit } = query;
  const { session, events, cut } = found;
  const total = agree(known, found, query);
  const hasMore = cut || page * limit < total;
  return {
    session,
    page: {
      events,
      limit,
      numbers: { page, total },
      nextCursor: hasMore ? cursorAfter(sessionId, query, events) : null,
    },
  };
}

/**
 * Whether a page is read by skipping to it in the index of its own order. In the order of the log, from its beginning,
 * a range of sequences is always better; and with `afterSequence` the index of time holds what is not to be counted.
 */
function isSkippedAtOnce({ sort, order, filter, ...query }: PageQuery): boolean {
  const near = startOf(query) + query.limit <= SKIPPED_AT_ONCE;
  return near && (sort === 'sequence' ? order === 'desc' : filter.afterSequence === undefined);
}

/** Whether the query examines only the index entries of its page. */
function looksOnlyAtItsPage({ filter: { type, from, to, afterSequence }, sort, after }: EventQuery): boolean {
  const inTime = after && sort === 'timestamp';
  return (type ?? from ?? to ?? (inTime ? afterSequence : undefined)) === undefined;
}

/** The query for a page that the first command did not find; undefined if it did. */
function secondTry(
  sessionId: string,
  query: PageQuery,
  last: number,
  unordered: boolean,
): EventPipeline | undefined {
  const { sort, order, filter, limit } = query;
  if (startOf(query) >= last) return undefined; // past the end, wherever that is in the order asked for
  if (sort === 'timestamp' && unordered) return skippingTo(sessionId, query);
  if (order === 'asc') return undefined;
  return pageUpTo(sessionId, filter, last - startOf(query), { order, limit: limit + 1 });
}

/** A page in its own order, however far that is. */
function skippingTo(sessionId: string, query: PageQuery): EventPipeline {
  const { filter, sort, order, limit } = query;
  return pageOf(sessionId, filter, sort, { order, skip: startOf(query), limit: limit + 1 });
}

/** How many events stand before a page. */
function startOf({ page, limit }: Pick<PageQuery, 'page' | 'limit'>): number {
  return (page - 1) * limit;
}

/**
 * The total that agrees with a page that was read after it: events may have been stored in between. Fewer rows than
 * asked for end where the total is; else they reach at least to their own end. One more than the page holds is asked
 * for, so that an event is not forgotten that an older one, stored in between, has pushed to the next page.
 */
function agree(total: number, { count, toTheEnd }: Rows, query: PageQuery): number {
  const start = startOf(query);
  if (!toTheEnd) return Math.max(total, start + count);
  return count > 0 ? start + count : Math.min(total, start);
}
