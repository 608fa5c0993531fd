import { setTimeout as sleep } from 'node:timers/promises';
import { type AppendBody, type ReadQuery, type TranscriptView } from './api.js';
import { lastKeyOf, ownKeyOf } from './checker/patches-kept.js';
import { type Client } from './client.js';
import { chooseOrder, contentOf, sessionBody } from './contents.js';
import { isRead, isUnknown, now, resourceOf } from './history.js';
import { HotSessions, type HotSession } from './hot-sessions.js';
import { type Random } from './random.js';

/** The actions of clients, with their weights. */
const ACTIONS = {
  append: 40,
  repeat: 14,
  repeatOtherwise: 5,
  race: 8,
  batch: 5,
  create: 4,
  patch: 4,
  complete: 1.5,
  delete: 4,
  read: 14,
  walk: 4,
};

/** Appends that the client sends after deleting a session. */
const LATE_APPENDS = 3;

/** One action of a client, with its choices. */
interface Turn {
  readonly client: Client;
  /** The number of the client. */
  readonly number: number;
  readonly random: Random;
  readonly isOver: () => boolean;
  readonly session: HotSession;
}

/** The actions of several clients on a few sessions, so that they compete. */
export class Workload {
  private readonly sessions: HotSessions;
  /** Sessions with a requested deletion whose outcome nobody knows. */
  private readonly undecided = new Set<string>();
  /** When the last DELETE was answered, on the history's clock. */
  private lastDeletion = -Infinity;
  private clients = 0;
  private patches = 0;
  private walks = 0;

  /** @param name the prefix of this workload's session ids, so that several can run on one store. */
  constructor(name: string, random: Random) {
    this.sessions = new HotSessions(name, random);
  }

  get sessionIds(): readonly string[] {
    return this.sessions.ids;
  }

  get lastDeletedAt(): number {
    return this.lastDeletion;
  }

  /** One client's work until `isOver`; with a pause of up to `pauseMs` after each request. */
  async run(client: Client, random: Random, isOver: () => boolean, pauseMs: number): Promise<void> {
    const number = ++this.clients;
    while (!isOver()) {
      await this.act({ client, number, random, isOver, session: this.sessions.pick(random) });
      await sleep(random.whole(0, pauseMs));
    }
  }

  /** Retries each deletion with unknown outcome; call it when everything is at rest. */
  async decide(client: Client): Promise<void> {
    for (const sessionId of this.undecided) await this.delete(client, sessionId, () => false);
  }

  private async act(turn: Turn): Promise<void> {
    const { client, number, random, isOver, session } = turn;
    const { sessionId } = session;
    const strict = random.chance(0.2);
    const action = session.created || random.chance(0.3) ? random.weighted(ACTIONS) : 'create';
    switch (action) {
      case 'append':
      case 'repeat':
      case 'repeatOtherwise':
      case 'race': {
        const body = chooseEvent(action, turn);
        await client.send({ kind: 'append', sessionId, body, strict }, isOver);
        return;
      }
      case 'batch': {
        const events = Array.from({ length: random.whole(1, 6) }, () =>
          chooseEvent(random.weighted({ append: 8, repeat: 2, repeatOtherwise: 1, race: 1 }), turn),
        );
        await client.send({ kind: 'batch', sessionId, body: { events } }, isOver);
        return;
      }
      case 'create': {
        const body = sessionBody(sessionId, random.chance(0.3) ? 1 : 0);
        const created = await client.send({ kind: 'create', sessionId, body, strict }, isOver);
        session.created ||= !isUnknown(created);
        return;
      }
      case 'patch': {
        const [patch, other] = [++this.patches, ++this.patches];
        const both = [
          { [lastKeyOf(number)]: patch, [ownKeyOf(number, patch)]: patch },
          { [ownKeyOf(number, other)]: other },
        ];
        // At the same time, to two instances: patches in one process would be merged.
        await Promise.all(
          both.map((metadata) => client.send({ kind: 'patch', sessionId, body: { metadata } }, isOver)),
        );
        return;
      }
      case 'complete': {
        // For most sessions, not before something has happened in them.
        if (!session.isGrown && random.chance(0.9)) return;
        const status = random.pick(['completed', 'failed', undefined] as const);
        await client.send({ kind: 'complete', sessionId, body: status ? { status } : {} }, isOver);
        return;
      }
      case 'delete':
        return this.deleteIfDue(turn);
      case 'read': {
        const page = random.chance(0.5) ? 1 : random.whole(1, 12);
        await client.send({ kind: 'read', sessionId, query: { ...chooseOrder(random), page } }, isOver);
        return;
      }
      case 'walk':
        await this.walk(client, sessionId, chooseOrder(random), isOver);
    }
  }

  /** Deletes a session whose time has come, or retries the deletion of one that is deleted. */
  private async deleteIfDue(turn: Turn): Promise<void> {
    const { client, random, isOver, session } = turn;
    if (!session.isToBeDeleted && !session.isDeleted) return;
    const hasPatience = session.isDeleted || random.chance(0.8);
    if (!hasPatience) session.noteAbandoned();
    const isDecided = await this.delete(client, session.sessionId, hasPatience ? isOver : () => true);
    if (!isDecided) return;
    session.noteDeleted();
    // Its remaining appends follow, to one instance after the other, which may still remember the tail.
    for (let late = 0; late < LATE_APPENDS; late++) {
      const body = chooseEvent(random.chance(0.8) ? 'append' : 'repeat', turn);
      await client.send({ kind: 'append', sessionId: session.sessionId, body, strict: false }, isOver);
    }
  }

  /** @returns whether it is known to be deleted. */
  private async delete(client: Client, sessionId: string, isOver: () => boolean): Promise<boolean> {
    const { answer } = await client.send({ kind: 'delete', sessionId }, isOver);
    const isDeleted = answer?.status === 204;
    if (isDeleted) this.lastDeletion = now();
    if (isDeleted || answer?.status === 404) this.undecided.delete(sessionId);
    else this.undecided.add(sessionId);
    return isDeleted;
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
}

function chooseEvent(
  action: 'append' | 'repeat' | 'repeatOtherwise' | 'race',
  { session, random }: Turn,
): AppendBody {
  const eventId =
    action === 'append'
      ? session.freshId()
      : action === 'race'
        ? session.racedId(random)
        : session.usedId(random);
  return contentOf(session.sessionId, eventId, action === 'repeatOtherwise' ? random.whole(1, 2) : 0);
}
