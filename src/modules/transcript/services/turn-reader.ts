import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { SharedWork } from '../../../common/shared-work.js';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { currentTurns } from '../../../common/event-text.js';
import { isStoreUnavailable } from '../../../database/mongo-errors.js';
import { EventReader, type Event } from '../../event/services/event-reader.js';

/** The most that is read at once, and held for a client that reads slowly. */
export const MAX_EVENTS = 1000;
export const MAX_BYTES = 256 * 1024;
/** How many events that supersede others are known at once; of more, the later ones stand for themselves. */
const MAX_REPLACED = 50_000;
/** How soon a read of the store is retried after a failure. */
const RETRY_MS = 1000;

/** What was said or done, at its place in the conversation. */
export interface Turn {
  readonly event: Event;
  /** The clock at its place: that of the first event which it supersedes, or its own. */
  readonly at: Date;
}

/** Reads conversations of any size in the order of the clock, some turns at a time. */
@Injectable()
export class TurnReader {
  /** By session and total: there may be very many, and transcripts that begin meanwhile share them. */
  private readonly replacements = new SharedWork<Map<string, string>>();

  constructor(private readonly reader: EventReader) {}

  /**
   * The turns of a session among its first `total` events. Of events that supersede each other, the newest is at the place
   * of the first.
   *
   * @throws SessionDeletedError
   * @throws StoreUnavailableError if the signal ends it.
   */
  async *turns(sessionId: string, total: number, end: AbortSignal): AsyncGenerator<Turn> {
    const shownAt = await whileAway(end, () =>
      this.replacements.run(`${sessionId} ${total}`, () => this.readReplacements(sessionId, total)),
    );
    let after: Event | undefined;
    for (;;) {
      const events = await whileAway(end, () =>
        this.reader.pageInTime(sessionId, after, MAX_EVENTS, MAX_BYTES),
      );
      for (const event of events) {
        const shown = shownAt.get(event.eventId) ?? event.eventId;
        if (event.sequence > total || shown === SUPERSEDED) continue;
        const isItself = shown === event.eventId;
        yield {
          event: isItself ? event : await whileAway(end, () => this.reader.one(sessionId, shown)),
          at: event.timestamp,
        };
      }
      after = events.at(-1);
      if (!after) return;
    }
  }

  /** Whose place shows which event, by their ids. */
  private async readReplacements(sessionId: string, total: number): Promise<Map<string, string>> {
    const all = await this.reader.replacedPlaces(sessionId, MAX_REPLACED);
    const places = all.filter(({ sequence }) => sequence <= total);
    const stored = new Set(places.map(({ eventId }) => eventId));
    const shownAt = new Map<string, string>();
    for (const { event, replaced } of currentTurns(places)) {
      const versions = [event, ...replaced];
      const first = versions.find(({ replaces }) => replaces === undefined || !stored.has(replaces)) ?? event;
      for (const { eventId } of versions) shownAt.set(eventId, SUPERSEDED);
      shownAt.set(first.eventId, event.eventId);
    }
    return shownAt;
  }
}

/** Stands for no event, as ids hold no space. */
const SUPERSEDED = ' ';

/** Reads from the store; while it is unreachable, waits as long as the client does. @throws StoreUnavailableError */
export async function whileAway<T>(end: AbortSignal, read: () => Promise<T>): Promise<T> {
  while (!end.aborted) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError || isStoreUnavailable(error))) throw error;
      await sleep(RETRY_MS, undefined, { signal: end }).catch(() => undefined); // the signal ends the loop too
    }
  }
  throw new StoreUnavailableError(); // the service is stopping, or the client has left
}
