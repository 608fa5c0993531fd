import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../config/load-config.js';
import { FairQueue } from '../../../database/fair-queue.js';
import { type Bounded } from '../../../database/bounded-find.js';
import { SessionDeletedError } from '../../session/session.errors.js';
import { SessionService, type Session } from '../../session/services/session.service.js';
import {
  EventRepository,
  type EventPlace,
  type EventSlice,
  type Tail,
} from '../repositories/event.repository.js';
import { type Event } from '../schemas/event.schema.js';
import { cursorAfter, type EventQuery } from './event-query.js';
import { SessionLog } from './session-log.js';

export { type Event }; // what other modules may know of how it is stored

/** A session with a page of its events, which agree with each other. */
export interface SessionWithPage {
  readonly session: Session;
  readonly events: readonly Event[];
  readonly limit: number;
  /** How many events are stored. */
  readonly eventCount: number;
  /** When the last of them was stored; null if there are none. */
  readonly lastEventAt: Date | null;
  /** The number of events that the filters select, and of the page; absent for a page read by cursor. */
  readonly numbers?: { readonly page: number; readonly total: number };
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** Events in the order of the log. */
export interface Stretch {
  readonly session: Session;
  readonly events: readonly Event[];
  /** Whether more events follow. */
  readonly hasMore: boolean;
}

/** What was read for a page. The parts may be of different moments. */
interface Parts {
  readonly session: Session;
  readonly tail: Tail | null;
  /** The page and, if it is not the last one, one event more. */
  readonly rows: Bounded<Event>;
  readonly counted: number | undefined;
}

/** How many index keys a page may skip before it is cheaper to look it up by its places in the log. */
const NEAR = 200;

/** The key of the queue for what lists show of many sessions; no id holds a space. */
const ACTIVITY = ' activity';

/** How many ids one query asks for. */
const IDS_AT_ONCE = 1000;

/**
 * Reads sessions with their events.
 *
 * Sequences have no gaps, so the tail's sequence is the total, and page *p* in the order of the log is a range of
 * sequences: no count, no skip, the same cost at any depth. In chronological order, the first pages skip keys of that
 * order's index. Further on, and by cursor, the page is looked up by its places: an event that is older than its
 * predecessor is marked `unordered`, and so are all later ones, so a page and a tail without the mark prove that both
 * orders are the same up to there. Only marked sessions pay for a long skip, or for the two ranges of a cursor.
 */
@Injectable()
export class EventReader {
  constructor(
    private readonly repository: EventRepository,
    private readonly sessions: SessionService,
    private readonly log: SessionLog,
    private readonly queue: FairQueue,
    private readonly config: AppConfig,
  ) {}

  /**
   * Reads a session, its tail and a page side by side. If something happened meanwhile, so that they don't agree, it
   * reads them once more, one after the other, and a third time where a session has become active meanwhile.
   *
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   * @throws StoreUnavailableError if pages of this session are requested faster than they can be read.
   */
  async read(sessionId: string, query: EventQuery): Promise<SessionWithPage> {
    return this.queue.run(sessionId, async () => {
      for (let reading = 1; ; reading++) {
        const parts = await this.readParts(sessionId, query, reading > 1);
        if (parts.rows.documents.some(({ closed }) => closed)) throw new SessionDeletedError(sessionId);
        const read = combine(query, parts);
        if (reading === 3 || agree(query, parts, read, reading > 1)) return read;
      }
    });
  }

  /**
   * Reads the events after a sequence, in the order of the log, and then the session, so that no event that was stored
   * after the end is taken for an earlier one. If the session has ended, no event up to its `finalSequence` is missing.
   *
   * @param limit the most events; there may be fewer because of their bytes.
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   */
  async readAfter(
    sessionId: string,
    sequence: number,
    limit: number,
    type?: EventSlice['filter']['type'],
    maxBytes = this.config.MAX_PAGE_BYTES,
  ): Promise<Stretch> {
    for (let again = false; ; again = true) {
      const { events, hasMore } = await this.pageAfter(sessionId, sequence, limit, type, maxBytes);
      const session = await this.sessions.get(sessionId);
      const last = events.at(-1)?.sequence ?? sequence;
      const mayMiss = !hasMore && session.finalSequence !== null && (type ?? last < session.finalSequence);
      if (!mayMiss || again) return { session, events, hasMore };
    }
  }

  /** The same without the session, for who knows it. @throws SessionDeletedError */
  async pageAfter(
    sessionId: string,
    sequence: number,
    limit: number,
    type?: EventSlice['filter']['type'],
    maxBytes = this.config.MAX_PAGE_BYTES,
  ): Promise<Omit<Stretch, 'session'>> {
    const rows = await this.queue.run(sessionId, () =>
      this.page(
        sessionId,
        {
          filter: { type },
          sort: 'sequence',
          order: 'asc',
          after: { sequence, timestamp: new Date(0) }, // its time does not count in the order of the log
          limit: limit + 1,
        },
        maxBytes,
      ),
    );
    if (rows.documents.some(({ closed }) => closed)) throw new SessionDeletedError(sessionId);
    return { events: rows.documents.slice(0, limit), hasMore: rows.cut || rows.documents.length > limit };
  }

  /**
   * The events after another in the order of the clock, some at a time.
   *
   * @throws SessionDeletedError
   */
  async pageInTime(
    sessionId: string,
    after: EventSlice['after'],
    limit: number,
    maxBytes: number,
  ): Promise<readonly Event[]> {
    const slice = { filter: {}, sort: 'timestamp', order: 'asc', after, limit } as const;
    const { documents } = await this.queue.run(sessionId, () => this.page(sessionId, slice, maxBytes));
    if (documents.some(({ closed }) => closed)) throw new SessionDeletedError(sessionId);
    return documents;
  }

  /** An event of a session, for who knows that it is stored. @throws SessionDeletedError */
  async one(sessionId: string, eventId: string): Promise<Event> {
    const event = await this.repository.findByEventId(sessionId, eventId);
    if (!event || event.closed) throw new SessionDeletedError(sessionId);
    return event;
  }

  /** The places of the events that supersede others, and of those that they supersede; of very many, the first ones. */
  async replacedPlaces(sessionId: string, limit: number): Promise<EventPlace[]> {
    const replacing = await this.repository.findReplacements(sessionId, limit);
    const known = new Set(replacing.map(({ eventId }) => eventId));
    const targets = [...new Set(replacing.flatMap(({ replaces }) => replaces ?? []))];
    const others = targets.filter((eventId) => !known.has(eventId));
    const found: EventPlace[] = [];
    for (let start = 0; start < others.length; start += IDS_AT_ONCE)
      found.push(...(await this.repository.findPlaces(sessionId, others.slice(start, start + IDS_AT_ONCE))));
    return [...replacing, ...found];
  }

  /** How many events each of these sessions has, and when the last was stored; none of one that is deleted. */
  async activityOf(
    sessionIds: readonly string[],
  ): Promise<Pick<SessionWithPage, 'eventCount' | 'lastEventAt'>[]> {
    const read = () => Promise.all(sessionIds.map((sessionId) => this.repository.findTail(sessionId)));
    const tails = await this.queue.run(ACTIVITY, read);
    return tails.map((tail) => ({
      eventCount: tail?.closed ? 0 : (tail?.sequence ?? 0),
      lastEventAt: tail?.receivedAt ?? null,
    }));
  }

  /** @param inOrder whether each part is read after the one before it, so that they agree. */
  private async readParts(sessionId: string, query: EventQuery, inOrder: boolean): Promise<Parts> {
    const sessionRead = this.sessions.get(sessionId);
    if (inOrder) await sessionRead;
    const tailRead = this.log.tail(sessionId);
    if (inOrder) await tailRead;
    const [session, tail, counted, rows] = await Promise.all([
      sessionRead,
      tailRead,
      query.page !== undefined && isFiltered(query)
        ? this.repository.count(sessionId, query.filter, this.config.STORE_TIMEOUT_MS)
        : undefined,
      this.rowsOf(sessionId, query, tailRead),
    ]);
    return { session, tail, rows, counted };
  }

  /** The rows of a page, with one more than it holds. */
  private async rowsOf(
    sessionId: string,
    query: EventQuery,
    tailRead: Promise<Tail | null>,
  ): Promise<Bounded<Event>> {
    const { filter, sort, order, after } = query;
    const limit = query.limit + 1;
    const skip = after ? 0 : startOf(query);
    const byOrder = () => this.page(sessionId, { filter, sort, order, after, skip, limit });
    const isNear = !after && skip + query.limit <= NEAR;
    const isMarked = sort === 'timestamp' && this.log.isKnownUnordered(sessionId);
    if (isFiltered(query) || order === 'desc' || isNear || isMarked) return byOrder();
    const afterSequence = Math.max(after?.sequence ?? 0, (filter.afterSequence ?? 0) + skip);
    const byPlace = await this.page(sessionId, { filter: { afterSequence }, sort: 'sequence', order, limit });
    const isUnordered = [await tailRead, ...byPlace.documents].some((event) => event?.unordered);
    return isUnordered && sort === 'timestamp' ? byOrder() : byPlace;
  }

  private page(
    sessionId: string,
    slice: Pick<EventSlice, 'filter' | 'sort' | 'order' | 'after' | 'skip' | 'limit'>,
    maxBytes = this.config.MAX_PAGE_BYTES,
  ): Promise<Bounded<Event>> {
    return this.repository.findPage(sessionId, {
      ...slice,
      maxBytes,
      maxTimeMS: this.config.STORE_TIMEOUT_MS,
    });
  }
}

/** How many events precede a numbered page. */
function startOf({ page = 1, limit }: EventQuery): number {
  return (page - 1) * limit;
}

function isFiltered({ filter: { type, from, to } }: EventQuery): boolean {
  return (type ?? from ?? to) !== undefined;
}

/** The event with the highest sequence. */
function lastInLog(events: readonly Event[]): Event | undefined {
  return events.reduce<Event | undefined>(
    (last, event) => (last && last.sequence > event.sequence ? last : event),
    undefined,
  );
}

/** Makes a page of its parts. */
function combine(query: EventQuery, { session, tail, rows, counted }: Parts): SessionWithPage {
  const { limit, page } = query;
  const events = rows.documents.slice(0, limit);
  const newest = lastInLog(rows.documents);
  const last = newest && newest.sequence > (tail?.sequence ?? 0) ? newest : tail; // the page may be newer than the tail
  const eventCount = last?.sequence ?? 0;
  const start = startOf(query);
  // A page that is not full ends where the selection ends; otherwise there are at least the events that it shows.
  const isLast = !rows.cut && rows.documents.length <= limit;
  const known = counted ?? Math.max(0, eventCount - (query.filter.afterSequence ?? 0));
  const atLeast = start + rows.documents.length;
  const atMost = events.length > 0 ? atLeast : Math.min(known, start);
  const total = isLast ? atMost : Math.max(known, atLeast);
  const hasMore = page === undefined ? !isLast : rows.cut || page * limit < total;
  return {
    session,
    events,
    limit,
    eventCount,
    lastEventAt: last?.receivedAt ?? null,
    ...(page !== undefined && { numbers: { page, total } }),
    nextCursor: hasMore ? cursorAfter('events', session.sessionId, query, events) : null,
  };
}

/** Whether the parts of a page agree, or something happened between their readings. */
function agree(
  query: EventQuery,
  { session, rows }: Parts,
  read: SessionWithPage,
  inOrder: boolean,
): boolean {
  const { status, finalSequence } = session;
  if (status === 'initiated' && read.eventCount > 0) return false; // it became active meanwhile
  if ((finalSequence ?? 0) > read.eventCount) return false; // it ended after the tail was read
  if (inOrder || rows.cut || rows.documents.length > query.limit) return true;
  // The page ends here. It must not be older than the tail, nor than the end of the session.
  if (read.numbers && !isFiltered(query)) {
    const from = (query.filter.afterSequence ?? 0) + startOf(query);
    return from + rows.documents.length >= read.eventCount;
  }
  return query.page !== undefined || finalSequence === null;
}
