import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../../../config/load-config.js';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { sameJson } from '../../../common/http/json.js';
import { FairQueue } from '../../../database/fair-queue.js';
import { Lanes } from '../../../database/lanes.js';
import { RecentIds } from '../../../database/recent-ids.js';
import { SessionDeletedError } from '../../session/session.errors.js';
import { SessionService } from '../../session/services/session.service.js';
import { EventRepository, type Tail } from '../repositories/event.repository.js';
import { type Event } from '../schemas/event.schema.js';
import { LogNews } from './log-news.js';

/** An event before it has a sequence. */
export interface EventDraft extends Pick<Event, 'eventId' | 'type' | 'payload'> {
  /** When it happened, if the client said so. */
  readonly timestamp?: Date;
  readonly replaces?: string;
}

/** What became of a draft. */
export interface Appended {
  /** The event as it is stored; undefined if it differs and is too large to be sent with the others of its batch. */
  readonly event: Event | undefined;
  /** Whether this append stored it. */
  readonly stored: boolean;
  /** Whether the stored event has other content than the draft. */
  readonly differs: boolean;
}

/** The places of a log that this process knows to be taken: those up to this one. */
type KnownTail = Pick<Tail, 'sequence' | 'timestamp' | 'unordered'>;

/** The tail of an empty log: sequence 0, before all times. */
const NO_EVENTS: KnownTail = { sequence: 0, timestamp: new Date(-8.64e15) };

/** How often an append may find its place taken by another process before it gives up. Each time, another one was stored. */
const MAX_COLLISIONS = 100;
const MAX_PAUSE_MS = 32;
/** How long a tail is remembered: far less than the places of a deleted session stay taken. */
const TAIL_TTL_MS = 3_600_000;

/**
 * The log of each session: events at the places 1, 2, 3 … without a gap.
 *
 * An append inserts at *tail + 1* and lets the unique indexes decide. Only a writer that has seen N can write N + 1, so
 * there is no gap, and nothing becomes visible out of order. The process remembers the tails it has seen. A remembered
 * tail may be stale, since other processes write too; that does no harm, as the place is taken, and costs a retry. The
 * places of a deleted session stay taken for a day. Appends of one process to one session queue in a lane, and those that
 * wait together are stored together. An event that is sent a second time is looked up first.
 */
@Injectable()
export class SessionLog {
  private readonly tails: LRUCache<string, KnownTail>;
  private readonly recent = new RecentIds();
  private readonly lanes: Lanes<EventDraft, Appended>;
  /** Appends that found their place taken by another process, since this process started. */
  collisions = 0;

  constructor(
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
    private readonly news: LogNews,
    private readonly queue: FairQueue,
    private readonly config: AppConfig,
  ) {
    // `max` would make room for all at once: some 10 ms of every start.
    this.tails = new LRUCache({
      maxSize: config.TAIL_CACHE_SIZE,
      sizeCalculation: () => 1,
      ttl: TAIL_TTL_MS,
    });
    this.lanes = new Lanes({
      work: (sessionId, drafts) => this.store(sessionId, drafts),
      bytesOf: ({ payload }) => JSON.stringify(payload).length, // a fifth of the cost of computing its size as BSON
      maxWaitMs: config.STORE_TIMEOUT_MS,
    });
  }

  /**
   * Stores events, `MAX_BATCH` at most, at the end of their session's log in the order given, or finds the stored one where
   * an id is taken; if several have the same id, the first is stored. If it fails, a first part of them may be stored.
   *
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   * @throws StoreUnavailableError if the store is unreachable, or too many appends wait or collide. Safe to retry.
   */
  async appendAll(sessionId: string, drafts: readonly EventDraft[]): Promise<Appended[]> {
    // A retry does not wait in the lane behind events that are not stored yet; or retries could keep each other waiting.
    const known = drafts.filter(({ eventId }) => this.recent.note(sessionId, eventId));
    const found = known.length > 0 ? await this.findTwins(sessionId, known) : new Map<string, Appended>();
    const others = drafts.filter(({ eventId }) => !found.has(eventId));
    const stored = others.length > 0 ? await this.lanes.runAll(sessionId, others) : [];
    const outcomes = new Map(others.map((draft, index) => [draft, stored[index]]));
    return drafts.map((draft) => {
      const twin = found.get(draft.eventId);
      return twin ? compared(twin, draft) : (outcomes.get(draft) as Appended);
    });
  }

  /** The last stored event; null if there is none. Always read from the store. @throws SessionDeletedError */
  async tail(sessionId: string): Promise<Tail | null> {
    const tail = await this.events.findTail(sessionId, this.tails.peek(sessionId)?.sequence);
    if (tail?.closed) throw this.deleted(sessionId);
    // A log that is not known here stays so: readers take no place in memory from recorders.
    if (tail && tail.sequence > (this.tails.peek(sessionId)?.sequence ?? Infinity))
      this.remember(sessionId, tail);
    return tail;
  }

  /** Whether an event of a log is known to be older than its predecessor. */
  isKnownUnordered(sessionId: string): boolean {
    return this.tails.peek(sessionId)?.unordered === true;
  }

  /** Appends that wait for an earlier one of their session. */
  get waitingAppends(): number {
    return this.lanes.waiting;
  }

  /** Stores a batch of drafts. @returns the outcome of each, in the same order. */
  private async store(sessionId: string, drafts: readonly EventDraft[]): Promise<Appended[]> {
    // Of drafts with the same id, the first is to be stored; the others find it stored.
    const leaders = new Map<string, EventDraft>();
    for (const draft of drafts) if (!leaders.has(draft.eventId)) leaders.set(draft.eventId, draft);

    const outcomes = await this.storeDistinct(sessionId, [...leaders.values()]);
    return drafts.map((draft) => {
      const outcome = outcomes.get(draft.eventId) as Appended;
      return leaders.get(draft.eventId) === draft ? outcome : compared({ ...outcome, stored: false }, draft);
    });
  }

  private async storeDistinct(
    sessionId: string,
    drafts: readonly EventDraft[],
  ): Promise<Map<string, Appended>> {
    const outcomes = new Map<string, Appended>();
    let waiting = drafts;
    let tail = this.tails.get(sessionId) ?? (await this.openLog(sessionId));

    for (let collisions = 0; waiting.length > 0;) {
      const events = placeAfter(tail, sessionId, waiting);
      const { storedCount, refusedFor } = await this.events.insertAt(events);
      for (const event of events.slice(0, storedCount))
        outcomes.set(event.eventId, { event, stored: true, differs: false });
      if (storedCount > 0) this.news.tell(sessionId);
      tail = events[storedCount - 1] ?? tail;
      waiting = waiting.slice(storedCount);
      if (waiting.length === 0) break;

      // The next draft was refused: either its id is taken, or its place, and then the tail has changed.
      const [twins, newTail] = await Promise.all([
        this.findTwins(sessionId, waiting),
        refusedFor === 'eventId' ? undefined : this.events.findTail(sessionId),
      ]);
      if (newTail?.closed) throw this.deleted(sessionId);
      for (const [eventId, twin] of twins) outcomes.set(eventId, twin);
      waiting = waiting.filter(({ eventId }) => !outcomes.has(eventId));
      tail = newTail ?? tail;
      if (twins.size > 0) continue;
      this.collisions++;
      await pauseAfter(++collisions);
    }
    this.remember(sessionId, tail);
    return outcomes;
  }

  /** Keeps what the place of the next event depends on, without the payload. */
  private remember(sessionId: string, { sequence, timestamp, unordered }: KnownTail): void {
    this.tails.set(sessionId, { sequence, timestamp, ...(unordered && { unordered }) });
  }

  /**
   * The stored events that have the ids of these drafts. Those that differ are kept up to the bytes of a page, and a few
   * such readings go on at once: a hundred large events fit neither in a response nor in memory.
   *
   * @throws SessionDeletedError
   */
  private async findTwins(sessionId: string, drafts: readonly EventDraft[]): Promise<Map<string, Appended>> {
    const wanted = new Map(drafts.map((draft) => [draft.eventId, draft]));
    const twins = new Map<string, Appended>();
    const { MAX_PAGE_BYTES } = this.config;
    let room = MAX_PAGE_BYTES;
    const read = async () => {
      for (let ids = [...wanted.keys()], cut = true; cut; ids = ids.filter((id) => !twins.has(id))) {
        const found = await this.events.findByEventIds(
          sessionId,
          ids,
          MAX_PAGE_BYTES,
          this.config.STORE_TIMEOUT_MS,
        );
        for (const event of found.documents) {
          if (event.closed) throw this.deleted(sessionId);
          const twin = compared(
            { event, stored: false, differs: false },
            wanted.get(event.eventId) as EventDraft,
          );
          if (twin.differs) room -= JSON.stringify(event.payload).length;
          twins.set(event.eventId, room < 0 && twin.differs ? { ...twin, event: undefined } : twin);
        }
        ({ cut } = found);
      }
    };
    await (drafts.length === 1 ? read() : this.queue.run(sessionId, read));
    return twins;
  }

  /** Reads the tail of a log that this process does not know, and makes an `initiated` session `active`. */
  private async openLog(sessionId: string): Promise<KnownTail> {
    const [session, tail] = await Promise.all([this.sessions.get(sessionId), this.tail(sessionId)]);
    // Before the first event, so that a session with events is never `initiated`, not even for a moment.
    if (session.status === 'initiated') await this.sessions.activate(sessionId);
    return tail ?? NO_EVENTS;
  }

  private deleted(sessionId: string): SessionDeletedError {
    this.tails.delete(sessionId);
    return new SessionDeletedError(sessionId);
  }
}

/** Gives drafts the sequences after the tail, and the current time. */
function placeAfter(tail: KnownTail, sessionId: string, drafts: readonly EventDraft[]): Event[] {
  const receivedAt = new Date();
  let { sequence, timestamp: latest, unordered = false } = tail;
  return drafts.map(({ eventId, type, payload, timestamp, replaces }) => {
    const happenedAt = timestamp ?? receivedAt;
    unordered ||= happenedAt < latest;
    latest = happenedAt;
    return {
      sessionId,
      eventId,
      sequence: ++sequence,
      type,
      timestamp: happenedAt,
      receivedAt,
      payload,
      ...(replaces !== undefined && { replaces }),
      ...(!timestamp && { serverTimestamp: true }),
      ...(unordered && { unordered: true }),
    };
  });
}

/** A stored event beside a draft with its id. */
function compared(appended: Appended, draft: EventDraft): Appended {
  return appended.event ? { ...appended, differs: !hasContentOf(appended.event, draft) } : appended;
}

/** Whether a stored event has the content of a draft. Timestamps are compared only if both came from a client. */
function hasContentOf(event: Event, draft: EventDraft): boolean {
  const timestampsDiffer =
    draft.timestamp !== undefined &&
    !event.serverTimestamp &&
    draft.timestamp.getTime() !== event.timestamp.getTime();
  return (
    !event.redactedAt &&
    event.type === draft.type &&
    event.replaces === draft.replaces &&
    !timestampsDiffer &&
    sameJson(event.payload, draft.payload)
  );
}

/** Pauses for a random, growing time, so that the same processes do not collide at the next place again. */
async function pauseAfter(collisions: number): Promise<void> {
  if (collisions > MAX_COLLISIONS) throw new StoreUnavailableError();
  await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** collisions));
}
