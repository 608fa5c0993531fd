import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf } from './checker/writes.js';
import { type Client } from './client.js';
import { chooseOrder, contentOf, sessionBody } from './contents.js';
import { isUnknown, now, resourceOf, type AppendBody, type ReadQuery } from './history.js';
import { chance, pick, weighted, whole } from './random.js';

/** The actions of clients, with their weights. */
const ACTIONS = {
  append: 40,
  repeat: 14,
  repeatOtherwise: 5,
  race: 8,
  batch: 5,
  create: 4,
  patch: 4,
  complete: 3,
  delete: 10,
  redact: 2,
  read: 14,
  walk: 4,
};
type AppendKind = 'append' | 'repeat' | 'repeatOtherwise' | 'race';

/** The longest pause of a client after each request. */
const PAUSE_MS = 20;
const HOT_SESSIONS = 5;
/** The number of events after which a session is replaced by another one. */
const SESSION_SIZE = 120;
/** How long a deleted session stays hot: all instances still remember its tail, and appends to it are under way. */
const HOT_AFTER_DELETION_MS = 3000;

/** A session that all clients work on. */
class HotSession {
  /** The ids used so far. */
  readonly eventIds: string[] = [];
  /** Whether it is known to exist. */
  created = false;
  /** When it was answered as deleted. */
  deletedAt = Infinity;
  /** The client that requested the deletion left before the response, and nobody retries. */
  abandoned = false;
  private counter = 0;
  /** The number of events at which it is to be deleted; most sessions are. */
  private readonly deletableFrom = chance(0.7) ? whole(0, 20) : Infinity;

  constructor(readonly sessionId: string) {}

  /** Whether most of its events have been appended. */
  get isGrown(): boolean {
    return this.counter >= SESSION_SIZE / 2;
  }

  get isDeleted(): boolean {
    return this.deletedAt < Infinity;
  }

  get isToBeDeleted(): boolean {
    return this.isDeleted || (this.counter > this.deletableFrom && !this.abandoned);
  }

  /** Whether another session should take its place. */
  get hasCooled(): boolean {
    return this.counter > SESSION_SIZE || now() > this.deletedAt + HOT_AFTER_DELETION_MS;
  }

  /** The content of an event: with an id of its own, one that others are about to choose too, or a known one. */
  event(kind: AppendKind): AppendBody {
    let eventId = '';
    if (kind === 'race') eventId = `race-${Math.floor(this.counter / 4)}-${whole(0, 1)}`;
    else if (kind === 'append' || this.eventIds.length === 0) eventId = `e-${this.counter++}`;
    // Usually a recent one, whose first request may still be under way.
    else eventId = pick(chance(0.7) ? this.eventIds.slice(-8) : this.eventIds);
    if (!this.eventIds.includes(eventId)) this.eventIds.push(eventId);
    return contentOf(this.sessionId, eventId, kind === 'repeatOtherwise' ? whole(1, 2) : 0);
  }
}

/** The actions of several clients on a few sessions, so that they compete. */
export class Workload {
  /** The ids of all sessions so far. */
  readonly sessionIds: string[] = [];
  private readonly hot: HotSession[] = [];
  private readonly cooled: HotSession[] = [];
  /** Sessions with a requested deletion, and events with a requested redaction, whose outcome nobody knows. */
  private readonly undecided = new Map<string, () => Promise<unknown>>();
  private numbers = 0;

  /**
   * @param name the prefix of this workload's session ids, so that several can run on one store.
   * @param onSession called with the id of each session, before anybody knows it.
   */
  constructor(
    private readonly name: string,
    private readonly onSession: (sessionId: string) => void,
  ) {
    for (let slot = 0; slot < HOT_SESSIONS; slot++) this.renew(slot);
  }

  /** One client's work until `isOver`. */
  async run(client: Client, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.act(client, this.pickSession(), isOver);
      await sleep(whole(0, PAUSE_MS));
    }
  }

  /** Retries each deletion and redaction with unknown outcome; call it when everything is at rest. */
  async decide(): Promise<void> {
    for (const retry of this.undecided.values()) await retry();
  }

  /** A hot session or, now and then, one of before: clients and instances come back late to what was deleted meanwhile. */
  private pickSession(): HotSession {
    if (this.cooled.length > 0 && chance(0.1)) return pick(this.cooled);
    const slot = whole(0, HOT_SESSIONS - 1);
    const session = this.hot[slot] as HotSession;
    if (!session.hasCooled) return session;
    this.cooled.push(session);
    return this.renew(slot);
  }

  private renew(slot: number): HotSession {
    const sessionId = `${this.name}-${this.sessionIds.length}`;
    const session = new HotSession(sessionId);
    this.sessionIds.push(sessionId);
    this.hot[slot] = session;
    this.onSession(sessionId);
    return session;
  }

  private async act(client: Client, session: HotSession, isOver: () => boolean): Promise<unknown> {
    const { sessionId } = session;
    const strict = chance(0.2);
    const action = session.created || chance(0.3) ? weighted(ACTIONS) : 'create';
    switch (action) {
      case 'append':
      case 'repeat':
      case 'repeatOtherwise':
      case 'race':
        return client.send('append', sessionId, { body: session.event(action), strict }, isOver);
      case 'batch': {
        const kinds = { append: 8, repeat: 2, repeatOtherwise: 1, race: 1 };
        const events = Array.from({ length: whole(1, 6) }, () => session.event(weighted(kinds)));
        return client.send('batch', sessionId, { body: { events } }, isOver);
      }
      case 'create': {
        const body = sessionBody(sessionId, chance(0.3) ? 1 : 0);
        const created = await client.send('create', sessionId, { body, strict }, isOver);
        session.created ||= !isUnknown(created);
        return;
      }
      case 'patch': {
        const both = [{ [keyOf(++this.numbers)]: this.numbers }, { [keyOf(++this.numbers)]: this.numbers }];
        // At the same time, mostly to two instances: patches in one process would be merged.
        return Promise.all(
          both.map((metadata) => client.send('patch', sessionId, { body: { metadata } }, isOver)),
        );
      }
      case 'complete': {
        // For most sessions, not before something has happened in them.
        if (!session.isGrown && chance(0.7)) return;
        const status = pick(['completed', 'failed', undefined] as const);
        return client.send('complete', sessionId, { body: status ? { status } : {} }, isOver);
      }
      case 'delete':
        return session.isToBeDeleted ? this.delete(client, session, isOver) : undefined;
      case 'redact':
        return session.eventIds.length > 0
          ? this.redact(client, sessionId, pick(session.eventIds), isOver)
          : undefined;
      case 'read': {
        const page = chance(0.5) ? 1 : whole(1, 12);
        return client.send('read', sessionId, { query: { ...chooseOrder(), page } }, isOver);
      }
      case 'walk':
        return this.walk(client, sessionId, chooseOrder(), isOver);
    }
  }

  /** Deletes a session, then sends the rest of its appends, which instances that still remember the tail may get. */
  private async delete(client: Client, session: HotSession, isOver: () => boolean): Promise<void> {
    const { sessionId } = session;
    session.abandoned ||= !session.isDeleted && chance(0.2);
    const retry = () => client.send('delete', sessionId, {});
    this.undecided.set(sessionId, retry);
    const { answer } = await client.send('delete', sessionId, {}, session.abandoned ? () => true : isOver);
    if (answer && answer.status < 500) this.undecided.delete(sessionId);
    if (answer?.status !== 204) return;
    session.deletedAt = Math.min(session.deletedAt, now());
    for (let late = 0; late < 3; late++) {
      const body = session.event(chance(0.8) ? 'append' : 'repeat');
      await client.send('append', sessionId, { body, strict: false }, isOver);
    }
  }

  /** Redacts an event, then repeats its append, which must not bring anything back. */
  private async redact(
    client: Client,
    sessionId: string,
    eventId: string,
    isOver: () => boolean,
  ): Promise<void> {
    const key = `${sessionId}/${eventId}`;
    this.undecided.set(key, () => client.send('redact', sessionId, { eventId }));
    const { answer } = await client.send('redact', sessionId, { eventId }, isOver);
    if (answer && answer.status < 500) this.undecided.delete(key);
    const body = contentOf(sessionId, eventId, 0);
    await client.send('append', sessionId, { body, strict: false }, isOver);
  }

  /** Reads a whole session page by page. */
  private async walk(
    client: Client,
    sessionId: string,
    query: ReadQuery,
    isOver: () => boolean,
  ): Promise<void> {
    const walk = ++this.numbers;
    let cursor: string | null | undefined;
    for (let step = 0; cursor !== null && !isOver(); step++) {
      const paged = { ...query, ...(cursor !== undefined && { cursor }) };
      const read = await client.send('read', sessionId, { query: paged, walk: { walk, step } }, isOver);
      const page = resourceOf(read);
      if (!page) return;
      cursor = page.pagination.nextCursor;
    }
  }
}
