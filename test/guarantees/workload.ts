import { setTimeout as sleep } from 'node:timers/promises';
import { type AppendBody, type CreateBody, type ReadQuery, type TranscriptView } from './api.js';
import { type Client } from './client.js';
import { isRead, isUnknown, resourceOf } from './history.js';
import { type Random } from './random.js';

/** What clients do, and how often. */
const ACTIONS = {
  append: 45,
  repeat: 15,
  repeatOtherwise: 5,
  race: 8,
  create: 4,
  complete: 1.5,
  read: 14,
  walk: 4,
};
const TYPES = ['user_speech', 'bot_speech', 'system'];
const LANGUAGES = ['en-GB', 'de', 'pt-BR', 'zh-Hant-TW'];
/** Events after which a session is left alone and another one takes its place. */
const SESSION_SIZE = 250;
const HOT_SESSIONS = 5;
/** The client's clock that timestamps are taken from; far from the server's, which no rule may depend on. */
const EPOCH = Date.UTC(2026, 2, 1, 12);

/** A session the clients work on together. */
interface HotSession {
  readonly sessionId: string;
  /** The ids used so far. */
  eventIds: string[];
  counter: number;
  /** Whether it is known to exist. */
  created: boolean;
}

/** What several clients do at once to a few sessions, so that they are in each other's way. */
export class Workload {
  readonly sessionIds: string[] = [];
  private readonly hot: HotSession[] = [];
  private walks = 0;

  /** @param name begins the ids of this workload's sessions, so that several can run on one store. */
  constructor(
    private readonly name: string,
    private readonly random: Random,
  ) {
    for (let slot = 0; slot < HOT_SESSIONS; slot++) this.replace(slot);
  }

  /** One client's work until `isOver`; with a pause of up to `pauseMs` after each request. */
  async run(client: Client, random: Random, isOver: () => boolean, pauseMs: number): Promise<void> {
    while (!isOver()) {
      await this.act(client, random, isOver);
      await sleep(random.whole(0, pauseMs));
    }
  }

  private async act(client: Client, random: Random, isOver: () => boolean): Promise<void> {
    const slot = random.whole(0, HOT_SESSIONS - 1);
    const session = this.hot[slot] as HotSession;
    const { sessionId } = session;
    const strict = random.chance(0.2);
    const action = session.created || random.chance(0.3) ? random.weighted(ACTIONS) : 'create';
    switch (action) {
      case 'append':
      case 'repeat':
      case 'repeatOtherwise':
      case 'race': {
        const eventId = chooseId(action, session, random);
        const body = contentOf(sessionId, eventId, action === 'repeatOtherwise' ? random.whole(1, 2) : 0);
        await client.send({ kind: 'append', sessionId, body, strict }, isOver);
        if (session.counter > SESSION_SIZE && this.hot[slot] === session) this.replace(slot);
        return;
      }
      case 'create': {
        const body = sessionBody(sessionId, random.chance(0.3) ? 1 : 0);
        const created = await client.send({ kind: 'create', sessionId, body, strict }, isOver);
        session.created ||= !isUnknown(created);
        return;
      }
      case 'complete': {
        // Not before something has happened in it, for most of them.
        if (session.counter < SESSION_SIZE / 2 && random.chance(0.9)) return;
        const status = random.pick(['completed', 'failed', undefined] as const);
        await client.send({ kind: 'complete', sessionId, body: status ? { status } : {} }, isOver);
        return;
      }
      case 'read': {
        const page = random.chance(0.5) ? 1 : random.whole(1, 12);
        await client.send({ kind: 'read', sessionId, query: { ...chooseOrder(random), page } }, isOver);
        return;
      }
      case 'walk':
        await this.walk(client, sessionId, chooseOrder(random), isOver);
    }
  }

  /** Reads a whole session page by page. */
  private async walk(
    client: Client,
    sessionId: string,
    query: ReadQuery,
    isOver: () => boolean,
  ): Promise<void> {
    const walk = ++this.walks;
    let cursor: string | null | undefined;
    for (let step = 0; cursor !== null && !isOver(); step++) {
      const paged = { ...query, ...(cursor !== undefined && { cursor }) };
      const read = await client.send({ kind: 'read', sessionId, query: paged, walk: { walk, step } }, isOver);
      const page: TranscriptView | undefined = isRead(read) ? resourceOf(read) : undefined;
      if (!page) return;
      cursor = page.pagination.nextCursor;
    }
  }

  private replace(slot: number): void {
    const sessionId = `${this.name}-${this.sessionIds.length}-${this.random.whole(0, 1e9).toString(36)}`;
    this.sessionIds.push(sessionId);
    this.hot[slot] = { sessionId, eventIds: [], counter: 0, created: false };
  }
}

function chooseId(
  action: 'append' | 'repeat' | 'repeatOtherwise' | 'race',
  session: HotSession,
  random: Random,
): string {
  if (action === 'race') {
    // One of the next few ids, which other clients are about to choose as well.
    const eventId = `race-${Math.floor(session.counter / 4)}-${random.whole(0, 1)}`;
    if (!session.eventIds.includes(eventId)) session.eventIds.push(eventId);
    return eventId;
  }
  if (action === 'append' || session.eventIds.length === 0) {
    const eventId = `e-${session.counter++}`;
    session.eventIds.push(eventId);
    return eventId;
  }
  // Mostly a recent one, whose first request may still be on its way.
  const recent = random.chance(0.7) ? session.eventIds.slice(-8) : session.eventIds;
  return random.pick(recent);
}

/** The content of an event; always the same for the same id and variant. */
export function contentOf(sessionId: string, eventId: string, variant: number): AppendBody {
  const hash = hashOf(`${sessionId}/${eventId}`);
  const timestamp = timestampOf(sessionId, Number(/\d+/.exec(eventId)?.[0] ?? 0), hash);
  return {
    eventId,
    type: TYPES[hash % TYPES.length] as string,
    payload: { text: `What was said in ${eventId}`, hash, ...(variant > 0 && { variant }) },
    ...(timestamp !== undefined && { timestamp: new Date(timestamp).toISOString() }),
  };
}

/**
 * The time a client gives an event; undefined where it leaves it to the server. Some sessions stay in the order of time
 * to their end, some fall out of it in the middle, most of them at once: the service reads them in different ways.
 */
function timestampOf(sessionId: string, number: number, hash: number): number | undefined {
  const orderedUpTo = [0, Infinity, 60, 0][hashOf(sessionId) % 4] ?? 0;
  if (number < orderedUpTo || hash % 10 >= 8) return undefined;
  if (hash % 10 < 5) return EPOCH + number * 1000; // rising with the log, nearly
  return EPOCH + (hash % 10 < 7 ? (hash % 300) * 1000 : 60_000); // anywhere, or many at the same instant
}

function sessionBody(sessionId: string, variant: number): CreateBody {
  const hash = hashOf(sessionId);
  return {
    sessionId,
    language: LANGUAGES[(hash + variant) % LANGUAGES.length] as string,
    metadata: { hash, ...(variant > 0 && { variant }) },
  };
}

function chooseOrder(random: Random): Pick<ReadQuery, 'limit' | 'sort' | 'order'> {
  return {
    limit: random.pick([7, 20, 50, 100]),
    sort: random.pick(['timestamp', 'sequence'] as const),
    order: random.pick(['asc', 'desc'] as const),
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash;
}
