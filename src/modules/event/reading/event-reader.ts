import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { AppConfig } from '../../../config/load-config.js';
import { type ReadBounds, type StoredDocument } from '../../../database/raw-reads.js';
import { SessionDeletedError, SessionNotFoundError } from '../../session/session.errors.js';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { SessionService, type Session } from '../../session/services/session.service.js';
import { EventRepository } from '../repositories/event.repository.js';
import { countOf, pageOf, pagesAfter, tailOf, type EventPipeline } from '../repositories/event-pipelines.js';
import { cursorAfter } from './cursor.js';
import {
  isSkippedAtOnce,
  numberedPage,
  secondTry,
  skippingTo,
  startOf,
  type EventPage,
} from './event-page.js';
import { type CursorQuery, type EventQuery, type PageQuery } from './event-query.js';
import { KeyedQueue } from './keyed-queue.js';
import { areOver, BEFORE_EVENTS, bytesOf, rowsOf, type Rows } from './rows.js';

/** A session, and a page of its events that was read after it. */
export interface SessionWithPage {
  readonly session: Session;
  readonly page: EventPage;
}

type Found = Rows & { readonly session: Session };

/** How many pages of sessions with large events are read at once. */
const LARGE_AT_ONCE = 2;

/** How many pages are read at once of sessions not known to have small or large events: each may be a reply of 16 MiB. */
const UNKNOWN_AT_ONCE = 16;

/** A page is large if it has more than this part of `MAX_PAGE_BYTES`. */
const LARGE_PART = LARGE_AT_ONCE / UNKNOWN_AT_ONCE;

/** For how many sessions the size of their pages is remembered. */
const MAX_REMEMBERED = 10_000;

/**
 * Reads a session with a page of its events, in one command: session, tail and page, in this order. So the tail is at
 * least the session's `finalSequence`, and the page has at least the events that the tail counts.
 *
 * Sequences have no gaps, so the tail's sequence is the total, and page *p* in the order of the log is a range of
 * sequences: no count, no skip, the same cost at any depth. In chronological order, the first pages skip entries of
 * that order's index. Further on, where skipping would cost more than another command, the page is first looked up by
 * its sequences: an event that is older than its predecessor is marked `unordered`, and so are all later ones, so a
 * page and a tail without the mark prove that both orders are the same up to there. Only marked sessions pay for a long
 * skip.
 */
@Injectable()
export class EventReader {
  /**
   * How many events of a session fit on a page that is limited by bytes, so that no more are fetched. Infinity if its
   * events are small.
   */
  private readonly fitting = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  /** Reads large pages a few at a time: all at once, they would all miss their deadlines. */
  private readonly large = pLimit(LARGE_AT_ONCE);
  private readonly unknown = pLimit(UNKNOWN_AT_ONCE);
  /** Reads one page at a time of each session not known to be small; the first shows how large the next will be. */
  private readonly queue = new KeyedQueue();

  constructor(
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
    private readonly config: AppConfig,
  ) {}

  /**
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   * @throws StoreUnavailableError if large pages are requested faster than they can be read.
   */
  async read(sessionId: string, query: EventQuery): Promise<SessionWithPage> {
    if (this.isSmall(sessionId)) return this.readNow(sessionId, query);
    const since = performance.now();
    const page = await this.queue.run(sessionId, async () => {
      if (this.isSmall(sessionId)) return undefined; // it turned out to be small, and need not wait
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

  /** Gives up work whose deadline has passed. @throws StoreUnavailableError */
  private refuseLate(since: number): void {
    if (performance.now() - since > this.config.storeTimeoutMs) throw new StoreUnavailableError();
  }

  private async readNow(sessionId: string, query: EventQuery): Promise<SessionWithPage> {
    const found = await this.readOnce(sessionId, query);
    // There are events, but the session was read before the first of them was stored. Now its status is up to date.
    const { events, numbers } = found.page;
    const overtaken = found.session.status === 'initiated' && (events.length > 0 || numbers?.total);
    return overtaken ? this.readOnce(sessionId, query) : found;
  }

  private async readOnce(sessionId: string, query: EventQuery): Promise<SessionWithPage> {
    if (query.after) return this.readAfter(sessionId, query);
    const { type, from, to } = query.filter;
    return (type ?? from ?? to) ? this.readFiltered(sessionId, query) : this.readNumbered(sessionId, query);
  }

  private async readAfter(sessionId: string, query: CursorQuery): Promise<SessionWithPage> {
    const { filter, sort, order, after, limit } = query;
    const pages = pagesAfter(sessionId, filter, sort, after, { order, limit: limit + 1 });
    const { session, events, hasMore } = await this.find(sessionId, query, pages);
    return {
      session,
      page: { events, limit, nextCursor: hasMore ? cursorAfter(sessionId, query, events) : null },
    };
  }

  /** A page with a filter on type or time: counted, and skipped to. */
  private async readFiltered(sessionId: string, query: PageQuery): Promise<SessionWithPage> {
    const count = countOf(sessionId, query.filter);
    const found = await this.find(sessionId, query, [count, skippingTo(sessionId, query)]);
    return { session: found.session, page: numberedPage(sessionId, query, found, found.counted) };
  }

  private async readNumbered(sessionId: string, query: PageQuery): Promise<SessionWithPage> {
    const { order, filter, limit } = query;
    const base = filter.afterSequence ?? 0;
    const start = startOf(query);
    const tail = tailOf(sessionId);
    const places = { afterSequence: base + start };
    const byPlace = pageOf(sessionId, places, 'sequence', { order: 'asc', limit: limit + 1 });
    const byPlaceFrom = { asc: [tail, byPlace], desc: [tail] }; // from the end, sequences are known only with the tail
    const pipelines = isSkippedAtOnce(query) ? [tail, skippingTo(sessionId, query)] : byPlaceFrom[order];

    const found = await this.find(sessionId, query, pipelines);
    const { session, tail: { sequence: last = 0 } = {} } = found;
    const again = isSkippedAtOnce(query) ? undefined : secondTry(sessionId, query, last, found.unordered);
    const rows = again ? await this.findMore(sessionId, query, again) : found;
    const highest = Math.max(last, ...rows.events.map(({ sequence }) => sequence));
    return { session, page: numberedPage(sessionId, query, rows, Math.max(0, highest - base)) };
  }

  /** A session, and the results of pipelines after it; the last of them is the page, or a part of it. */
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
        if (error instanceof SessionNotFoundError) this.fitting.set(sessionId, Infinity); // no session: small
        throw error;
      });
    this.refuseLate(since);
    return { session, ...(await this.rowsOf(sessionId, query, found)) };
  }

  /** The page, by a separate command after the session and the tail are known. */
  private async findMore(sessionId: string, query: EventQuery, pipeline: EventPipeline): Promise<Rows> {
    return this.rowsOf(sessionId, query, await this.events.find(pipeline, this.bounds(sessionId, query)));
  }

  private bounds(sessionId: string, query: EventQuery): ReadBounds {
    const { limit, after } = query;
    const { pageBytes } = this.config.limits;
    const fitting = this.fitting.get(sessionId) ?? Infinity; // unknown: if a reply can't hold the whole group, each is read alone
    const wanted = (after ? 2 : 1) * (limit + 1); // the events after a cursor may come in two parts
    return {
      isShort: looksOnlyAtItsPage(query) && fitting === Infinity, // large ones share no command
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
    if (rows.closed) throw new SessionDeletedError(sessionId); // after the session was found
    if (rows.cut) this.fitting.set(sessionId, rows.events.length);
    else if (!this.fitting.has(sessionId)) this.learn(sessionId, found.documents);
    return rows;
  }

  /** Remembers the size of a session's events, if a page that was not cut shows it. */
  private learn(sessionId: string, documents: readonly StoredDocument[]): void {
    const { pageBytes, maxPageSize } = this.config.limits;
    if (documents.every(({ length }) => length * maxPageSize <= pageBytes)) {
      this.fitting.set(sessionId, Infinity);
    } else if (bytesOf(documents) > pageBytes * LARGE_PART) {
      this.fitting.set(sessionId, maxPageSize);
    }
  }
}

/** Whether the query examines only the index entries of its page. */
function looksOnlyAtItsPage({ filter: { type, from, to, afterSequence }, sort, after }: EventQuery): boolean {
  const inTime = after && sort === 'timestamp';
  return (type ?? from ?? to ?? (inTime ? afterSequence : undefined)) === undefined;
}
