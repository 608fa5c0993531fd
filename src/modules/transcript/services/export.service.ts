import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { isStoreUnavailable } from '../../../database/mongo-errors.js';
import { jsonLine } from '../../../common/http/json.js';
import { StoreUnavailableError } from '../../../common/errors/domain-error.js';
import { TranscriptEvent } from '../../event/dto/transcript-event.dto.js';
import { FIRST_LIMIT, nextLimit } from '../../event/following/reading-size.js';
import { type EventPage } from '../../event/reading/event-page.js';
import { EventReader, type SessionWithPage } from '../../event/reading/event-reader.js';
import { SessionResponse } from '../../session/dto/session-response.dto.js';

/** The most events read at once. With a command per hundred, the commands would take half of the time. */
const MAX_LIMIT = 1000;
/** How soon a read of the store is retried after a failure. */
const RETRY_MS = 1000;

const IN_ORDER_OF_LOG = { filter: {}, sort: 'sequence', order: 'asc' } as const;

/** Starts an export, which the signal ends early. */
export type BeginExport = (end: AbortSignal) => AsyncIterable<string>;

/** Exports whole sessions of any size as newline-delimited JSON. */
@Injectable()
export class ExportService {
  constructor(private readonly events: EventReader) {}

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
    const first = await this.events.read(sessionId, { ...IN_ORDER_OF_LOG, page: 1, limit: FIRST_LIMIT });
    return (end) => this.lines(sessionId, first, end);
  }

  private async *lines(
    sessionId: string,
    { session, page }: SessionWithPage,
    end: AbortSignal,
  ): AsyncGenerator<string> {
    const total = page.numbers?.total ?? 0;
    let { events } = page;
    let limit = FIRST_LIMIT;
    let last = 0;
    yield lineOf(new SessionResponse(session));
    for (;;) {
      const text = events.map((event) => lineOf(new TranscriptEvent(event, session.finalSequence))).join('');
      last = events.at(-1)?.sequence ?? last;
      if (text !== '') yield text;
      if (last >= total) break;
      limit = nextLimit(text.length, limit, MAX_LIMIT);
      events = await this.readOn(sessionId, last, Math.min(limit, total - last), end);
    }
    yield lineOf({ end: true, events: total });
  }

  /** Reads the next events. If the store is unreachable, it waits as long as the client does. */
  private async readOn(
    sessionId: string,
    sequence: number,
    limit: number,
    end: AbortSignal,
  ): Promise<EventPage['events']> {
    const after = { sequence, timestamp: new Date(0) }; // ignored in the order of the log
    while (!end.aborted) {
      try {
        const { page } = await this.events.read(sessionId, { ...IN_ORDER_OF_LOG, limit, after });
        if (page.events.length === 0) throw new Error(`The log of ${sessionId} ends before its tail`);
        return page.events;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError || isStoreUnavailable(error))) throw error;
        await sleep(RETRY_MS, undefined, { signal: end }).catch(() => undefined); // the signal ends the loop too
      }
    }
    throw new StoreUnavailableError(); // the service is stopping
  }
}

function lineOf(value: object): string {
  return `${jsonLine(value)}\n`;
}
