import { hashOf } from './contents.js';
import { now } from './history.js';
import { type Random } from './random.js';

/** The number of events after which a session is replaced by another one. */
const SESSION_SIZE = 250;
const HOT_SESSIONS = 5;
/** How long a deleted session stays hot: all instances still remember its tail, and appends to it are under way. */
const HOT_AFTER_DELETION_MS = 3000;

/** A session the clients work on together. */
export class HotSession {
  /** The ids used so far. */
  readonly eventIds: string[] = [];
  counter = 0;
  /** Whether it is known to exist. */
  created = false;
  /** The number of events at which it is to be deleted; half of the sessions are. */
  private readonly deletableFrom: number;
  private deletedAt = Infinity;
  /** The client that requested the deletion left before the response, and nobody retries. */
  private abandoned = false;

  constructor(readonly sessionId: string) {
    const hash = hashOf(`${sessionId}/deletion`);
    this.deletableFrom = hash % 2 === 0 ? (hash >>> 1) % 60 : Infinity;
  }

  /** Whether most of its events have been appended. */
  get isGrown(): boolean {
    return this.counter >= SESSION_SIZE / 2;
  }

  get isToBeDeleted(): boolean {
    return this.counter > this.deletableFrom && this.deletedAt === Infinity && !this.abandoned;
  }

  get isDeleted(): boolean {
    return this.deletedAt < Infinity;
  }

  /** Whether another session should take its place. */
  get hasCooled(): boolean {
    return this.counter > SESSION_SIZE || now() > this.deletedAt + HOT_AFTER_DELETION_MS;
  }

  noteDeleted(): void {
    this.deletedAt = Math.min(this.deletedAt, now());
  }

  noteAbandoned(): void {
    this.abandoned = true;
  }

  /** An id that nobody has used. */
  freshId(): string {
    return this.use(`e-${this.counter++}`);
  }

  /** One of the next few ids, which other clients are about to choose too. */
  racedId(random: Random): string {
    return this.use(`race-${Math.floor(this.counter / 4)}-${random.whole(0, 1)}`);
  }

  /** An id that was used, usually a recent one, whose first request may still be under way. */
  usedId(random: Random): string {
    if (this.eventIds.length === 0) return this.freshId();
    return random.pick(random.chance(0.7) ? this.eventIds.slice(-8) : this.eventIds);
  }

  private use(eventId: string): string {
    if (!this.eventIds.includes(eventId)) this.eventIds.push(eventId);
    return eventId;
  }
}

/** The few sessions that all clients work on, and deleted ones. */
export class HotSessions {
  /** The ids of all sessions so far. */
  readonly ids: string[] = [];
  private readonly hot: HotSession[] = [];
  private readonly deleted: HotSession[] = [];

  /** @param name the prefix of their ids, so that several workloads can run on one store. */
  constructor(
    private readonly name: string,
    private readonly random: Random,
  ) {
    for (let slot = 0; slot < HOT_SESSIONS; slot++) this.renew(slot);
  }

  /** A hot session or, now and then, one that was deleted a while ago. */
  pick(random: Random): HotSession {
    if (this.deleted.length > 0 && random.chance(0.07)) return random.pick(this.deleted);
    const slot = random.whole(0, HOT_SESSIONS - 1);
    const session = this.hot[slot] as HotSession;
    if (!session.hasCooled) return session;
    if (session.isDeleted) this.deleted.push(session);
    return this.renew(slot);
  }

  private renew(slot: number): HotSession {
    const sessionId = `${this.name}-${this.ids.length}-${this.random.whole(0, 1e9).toString(36)}`;
    const session = new HotSession(sessionId);
    this.ids.push(sessionId);
    this.hot[slot] = session;
    return session;
  }
}
