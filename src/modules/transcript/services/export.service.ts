import { Injectable } from '@nestjs/common';
import { TranscriptEvent } from '../../event/dto/event.dto.js';
import { EventReader, type SessionWithPage, type Event } from '../../event/services/event-reader.js';
import { type Session } from '../../session/services/session.service.js';
import { SessionResponse } from '../../session/dto/session.dto.js';
import { asSrt, asText, asVcon, asVtt, type TranscriptFormat } from './transcript-formats.js';
import { MAX_BYTES, MAX_EVENTS, TurnReader, whileAway } from './turn-reader.js';
import { jsonLine } from '../../../common/http/json.js';

/** How many events are read first, before it is known how large they are. */
const FIRST_EVENTS = 16;

/** Starts an export, which the signal ends early. */
export type BeginExport = (end: AbortSignal) => AsyncIterable<string>;

/** Reads whole sessions of any size, some events at a time. */
@Injectable()
export class ExportService {
  constructor(
    private readonly reader: EventReader,
    private readonly turns: TurnReader,
  ) {}

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

  /**
   * Opens the transcript of a session as it is at this moment, in the order of the clock. Otherwise like `open`.
   *
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   */
  async openTranscript(sessionId: string, format: TranscriptFormat): Promise<BeginExport> {
    const { session, eventCount } = await this.start(sessionId);
    return (end) => {
      const turns = this.turns.turns(sessionId, eventCount, end);
      if (format === 'vcon') return asVcon(session, turns, this.shown(session, eventCount, end));
      return { text: asText, vtt: asVtt, srt: asSrt }[format](session, turns);
    };
  }

  /** The session and the number of its events at this moment. */
  private async start(sessionId: string): Promise<SessionWithPage> {
    const query = { filter: {}, sort: 'sequence', order: 'asc', page: 1, limit: 1 } as const;
    return this.reader.read(sessionId, query);
  }

  /** The events up to a sequence, in the order of the log, some at a time; as soon as they are asked for. */
  private async *events(
    sessionId: string,
    total: number,
    end: AbortSignal,
  ): AsyncGenerator<readonly Event[]> {
    let some = FIRST_EVENTS; // no more than fits: what does not was read by the store in vain
    for (let last = 0; last < total;) {
      const limit = Math.min(some, total - last);
      const { events } = await whileAway(end, () =>
        this.reader.pageAfter(sessionId, last, limit, undefined, MAX_BYTES),
      );
      some = events.length < limit ? events.length : Math.min(MAX_EVENTS, 2 * some);
      last = events.at(-1)?.sequence ?? total;
      yield events;
    }
  }

  /** The same as clients see them. */
  private async *shown({ sessionId, finalSequence }: Session, total: number, end: AbortSignal) {
    for await (const events of this.events(sessionId, total, end))
      yield events.map((event) => new TranscriptEvent(event, finalSequence));
  }

  private async *lines({ session, eventCount }: SessionWithPage, end: AbortSignal): AsyncGenerator<string> {
    yield lineOf(new SessionResponse(session));
    for await (const events of this.shown(session, eventCount, end)) yield events.map(lineOf).join('');
    yield lineOf({ end: true, events: eventCount });
  }
}

function lineOf(value: object): string {
  return `${jsonLine(value)}\n`;
}
