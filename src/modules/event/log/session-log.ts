import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { digestOf } from '../../../common/http/json.js';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { AppConfig } from '../../../config/load-config.js';
import { SessionDeletedError } from '../../session/session.errors.js';
import { SessionService } from '../../session/services/session.service.js';
import { LogNews } from '../following/log-news.js';
import { DeletionWatch, LEASE_MS } from '../deletion/deletion-watch.js';
import { EventRepository, type EventHead, type Tail } from '../repositories/event.repository.js';
import { type Event } from '../schemas/event.schema.js';
import { Contention } from './contention.js';
import { Lanes } from '../../../database/lanes.js';
import { LogCounts } from './log-counts.js';
import { NO_EVENTS, placeAfter, type DigestedDraft, type EventDraft } from './log-places.js';
import { RecentAppends } from './recent-appends.js';

export interface Appended {
  /** The event as it is stored. */
  readonly event: Event;
  /** Whether this append stored it. */
  readonly stored: boolean;
}

/** An outcome without the payload: if the digests are equal, it is the draft's. */
interface Outcome {
  readonly head: EventHead;
  readonly stored: boolean;
}

/** A tail, and until when (by `performance.now()`) the session is known not to be deleted. */
interface KnownTail {
  readonly tail: Tail;
  readonly goodUntil: number;
}

/**
 * How many times an append may find its place taken by another process before it gives up. Each time, another event was
 * stored.
 */
const MAX_COLLISIONS = 100;
const MAX_PAUSE_MS = 32;

/**
 * The log of each session: events at the places 1, 2, 3 … without a gap.
 *
 * An append inserts at *tail + 1* and lets the unique indexes decide. Only a writer that has seen N can write N + 1, so
 * there is no gap, and nothing becomes visible out of order. The process remembers the tails it has seen. A remembered
 * tail may be stale, since other processes write too; that does no harm, as the place is taken, and costs a retry.
 * Appends of one process to one session queue in a lane, and those that wait together are stored together. An event
 * that is sent a second time is looked up first, without its payload: the digest tells whether it is the same.
 */
@Injectable()
export class SessionLog {
  private readonly tails: LRUCache<string, Tail>;
  private readonly recent = new RecentAppends();
  private readonly contention = new Contention();
  private readonly lanes: Lanes<DigestedDraft, Outcome>;
  readonly counts: LogCounts;

  constructor(
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
    private readonly news: LogNews,
    private readonly deletions: DeletionWatch,
    config: AppConfig,
  ) {
    // `max` would make room for all at once: some 10 ms of every start, here and in LogCounts.
    this.tails = new LRUCache({ maxSize: config.tailCacheSize, sizeCalculation: () => 1 });
    this.counts = new LogCounts(config.tailCacheSize);
    this.lanes = new Lanes({
      work: (sessionId, drafts) => this.store(sessionId, drafts),
      bytesOf: ({ payload }) => JSON.stringify(payload).length, // a fifth of the cost of computing its size as BSON
      restBefore: (...lane) => this.contention.restBefore(...lane),
      maxWaitMs: config.storeTimeoutMs,
    });
    deletions.onDeleted((sessionId) => this.tails.delete(sessionId));
  }

  /**
   * Stores an event at the end of its session's log, or finds the stored one if its id is taken.
   *
   * @throws SessionNotFoundError
   * @throws StoreUnavailableError if the store is unreachable, or too many appends wait or collide. Safe to retry.
   */
  async append(sessionId: string, draft: EventDraft): Promise<Appended> {
    const digested = { ...draft, payloadDigest: digestOf(draft.payload) };
    const { head, stored } =
      (await this.findRecent(sessionId, digested)) ?? (await this.lanes.run(sessionId, digested));
    return { event: await this.wholeOf(head, digested), stored };
  }

  /**
   * The same for several events, `MAX_BATCH` at most, in the order given; if several have the same id, the first is
   * stored. If it fails, a first part of them may be stored.
   */
  async appendAll(sessionId: string, drafts: readonly EventDraft[]): Promise<Appended[]> {
    const digested = drafts.map((draft) => ({ ...draft, payloadDigest: digestOf(draft.payload) }));
    const known = digested.filter(({ eventId }) => this.recent.note(sessionId, eventId));
    const found = known.length > 0 ? await this.findStored(sessionId, known) : new Map<string, Outcome>();
    const others = digested.filter(({ eventId }) => !found.has(eventId));
    const stored = others.length > 0 ? await this.lanes.runAll(sessionId, others) : [];
    const outcomes = new Map(others.map((draft, index) => [draft, stored[index]]));
    return Promise.all(
      digested.map(async (draft) => {
        const outcome = (found.get(draft.eventId) ?? outcomes.get(draft)) as Outcome;
        return { event: await this.wholeOf(outcome.head, draft), stored: outcome.stored };
      }),
    );
  }

  /** The sequence of the last stored event, or 0. Always read from the store. @throws SessionDeletedError */
  async lastSequence(sessionId: string): Promise<number> {
    const tail = await this.events.findTail(sessionId);
    if (tail?.closed) throw new SessionDeletedError(sessionId);
    return tail?.sequence ?? 0;
  }

  /** Sessions whose tail the process remembers. */
  get rememberedTails(): number {
    return this.tails.size;
  }

  /** Appends that wait for an earlier one of their session. */
  get waitingAppends(): number {
    return this.lanes.waiting;
  }

  /**
   * The stored event of a draft that this process was recently asked to store. A retry does not wait in the lane
   * behind events that are not stored yet; otherwise retries could keep each other waiting for ever.
   */
  private async findRecent(sessionId: string, draft: DigestedDraft): Promise<Outcome | undefined> {
    if (!this.recent.note(sessionId, draft.eventId)) return undefined;
    return (await this.findStored(sessionId, [draft])).get(draft.eventId);
  }

  /** An event with its payload: the draft's if it is equal, otherwise the stored one. */
  private async wholeOf(head: EventHead, draft: DigestedDraft): Promise<Event> {
    if (head.payloadDigest === draft.payloadDigest) return { ...head, payload: draft.payload };
    const event = await this.events.findByEventId(head.sessionId, head.eventId);
    if (!event) throw new StoreUnavailableError(); // it existed; a retry will find out what has become of it
    return event;
  }

  /** Stores a batch of drafts. @returns the outcome of each, in the same order. */
  private async store(sessionId: string, drafts: readonly DigestedDraft[]): Promise<Outcome[]> {
    // Of drafts with the same id, the first is to be stored; the others find it stored.
    const leaders = new Map<string, DigestedDraft>();
    for (const draft of drafts) if (!leaders.has(draft.eventId)) leaders.set(draft.eventId, draft);

    const outcomes = await this.storeDistinct(sessionId, [...leaders.values()]);
    return drafts.map((draft) => {
      const outcome = outcomes.get(draft.eventId) as Outcome;
      return leaders.get(draft.eventId) === draft ? outcome : { head: outcome.head, stored: false };
    });
  }

  private async storeDistinct(
    sessionId: string,
    drafts: readonly DigestedDraft[],
  ): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    let waiting = drafts;
    let { tail, goodUntil } = this.rememberedTail(sessionId) ?? (await this.openLog(sessionId));

    for (let collisions = 0; waiting.length > 0;) {
      if (performance.now() > goodUntil) ({ tail, goodUntil } = await this.openLog(sessionId)); // the process was suspended
      const events = placeAfter(tail, sessionId, waiting);
      const sentAt = performance.now();
      const { storedCount, refusedFor } = await this.events.insertAt(events);
      if (storedCount > 0) this.contention.noteStored(sessionId, performance.now() - sentAt);
      for (const event of events.slice(0, storedCount))
        outcomes.set(event.eventId, { head: event, stored: true });
      this.counts.noteStored(sessionId, storedCount);
      if (storedCount > 0) this.news.tell(sessionId);
      tail = events[storedCount - 1] ?? tail;
      waiting = waiting.slice(storedCount);
      if (waiting.length === 0) break;

      // The next draft was refused: either its id is taken, or its place, and then the tail has changed.
      const [twins, newTail] = await Promise.all([
        this.findStored(sessionId, waiting),
        refusedFor === 'eventId' ? undefined : this.events.findTail(sessionId),
      ]);
      for (const [eventId, twin] of twins) outcomes.set(eventId, twin);
      waiting = waiting.filter(({ eventId }) => !outcomes.has(eventId));
      tail = newTail ?? tail;
      if (tail.closed) throw new SessionDeletedError(sessionId);
      if (twins.size > 0) continue;
      this.counts.collisions++;
      this.contention.noteCollision(sessionId);
      await pauseAfter(++collisions);
    }
    const { sequence, timestamp, unordered } = tail; // without the payload, which need not be remembered
    if (!this.deletions.isKnown(sessionId))
      this.tails.set(sessionId, { sequence, timestamp, ...(unordered && { unordered }) });
    return outcomes;
  }

  /** The stored events that have the ids of these drafts. */
  private async findStored(
    sessionId: string,
    drafts: readonly DigestedDraft[],
  ): Promise<Map<string, Outcome>> {
    const eventIds = drafts.map(({ eventId }) => eventId);
    // The session is read too, since the events of a deleted one can be found until they are erased.
    const [heads] = await Promise.all([
      this.events.findHeadsByEventIds(sessionId, eventIds),
      this.sessions.get(sessionId),
    ]);
    return new Map(heads.map((head) => [head.eventId, { head, stored: false }]));
  }

  /** The remembered tail, unless the session may have been deleted without this process knowing. */
  private rememberedTail(sessionId: string): KnownTail | undefined {
    const { goodUntil } = this.deletions;
    const tail = performance.now() < goodUntil ? this.tails.get(sessionId) : undefined;
    return tail && { tail, goodUntil };
  }

  /** Reads the tail of a log that this process does not know, and makes an `initiated` session `active`. */
  private async openLog(sessionId: string): Promise<KnownTail> {
    const goodUntil = performance.now() + LEASE_MS;
    const [session, tail] = await Promise.all([
      this.sessions.get(sessionId),
      this.events.findTail(sessionId),
    ]);
    // Before the first event, so that a session with events is never `initiated`, not even for a moment.
    if (session.status === 'initiated') await this.sessions.activate(sessionId);
    if (session.endedAt) this.counts.noteEnd(sessionId);
    if (tail?.closed) throw new SessionDeletedError(sessionId);
    return { tail: tail ?? NO_EVENTS, goodUntil };
  }
}

/** Pauses for a random, growing time, so that the same processes do not collide at the next place again. */
async function pauseAfter(collisions: number): Promise<void> {
  if (collisions > MAX_COLLISIONS) throw new StoreUnavailableError();
  await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** collisions));
}
