import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { isStoreUnavailable } from '../../../database/mongo-errors.js';
import { TranscriptEvent } from '../../event/dto/event.dto.js';
import { EventReader, type SessionWithPage } from '../../event/services/event-reader.js';
import { type Event } from '../../event/schemas/event.schema.js';
import { SessionResponse } from '../../session/dto/session.dto.js';

/** The most that is read at once, and held for a client that reads slowly. */
const MAX_EVENTS = 1000;
const MAX_BYTES = 256 * 1024;
/** How soon a read of the store is retried after a failure. */
const RETRY_MS = 1000;

/** Starts an export, which the signal ends early. */
export type BeginExport = (end: AbortSignal) => AsyncIterable<string>;

/** Reads whole sessions of any size, some events at a time. */
@Injectable()
export class ExportService {
  constructor(private readonly reader: EventReader) {}

  /**
   * Opens the export of a session as it is at this moment: one line for the session, one for each event in its log, and
   * a last one with their number. Events stored later are not included. A log's events never change, so the parts agree
   * however long the export takes.
   *
   * @returns a function that begins it. The export ends early, without its last line, if the session is deleted
   * meanwhile or the signal ends it.
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   */
  async open(sessionId: string): Promise<BeginExport> {
    const start = await this.start(sessionId);
    return (end) => this.lines(start, end);
  }

  /** The session and the number of its events at this moment. */
  async start(sessionId: string): Promise<SessionWithPage> {
    const query = { filter: {}, sort: 'sequence', order: 'asc', page: 1, limit: 1 } as const;
    return this.reader.read(sessionId, query);
  }

  /** The events up to a sequence, in the order of the log, some at a time; as soon as they are asked for. */
  async *events(sessionId: string, total: number, end: AbortSignal): AsyncGenerator<readonly Event[]> {
    for (let last = 0; last < total;) {
      const events = await this.readOn(sessionId, last, Math.min(MAX_EVENTS, total - last), end);
      last = events.at(-1)?.sequence ?? total;
      yield events;
    }
  }

  private async *lines({ session, eventCount }: SessionWithPage, end: AbortSignal): AsyncGenerator<string> {
    yield lineOf(new SessionResponse(session));
    for await (const events of this.events(session.sessionId, eventCount, end))
      yield events.map((event) => lineOf(new TranscriptEvent(event, session.finalSequence))).join('');
    yield lineOf({ end: true, events: eventCount });
  }

  /** Reads the next events. If the store is unreachable, it waits as long as the client does. */
  private async readOn(
    sessionId: string,
    sequence: number,
    limit: number,
    end: AbortSignal,
  ): Promise<readonly Event[]> {
    while (!end.aborted) {
      try {
        const { events } = await this.reader.pageAfter(sessionId, sequence, limit, undefined, MAX_BYTES);
        if (events.length === 0) throw new Error(`The log of ${sessionId} ends before its tail`);
        return events;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError || isStoreUnavailable(error))) throw error;
        await sleep(RETRY_MS, undefined, { signal: end }).catch(() => undefined); // the signal ends the loop too
      }
    }
    throw new StoreUnavailableError(); // the service is stopping
  }
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
