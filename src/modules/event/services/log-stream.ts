import { Injectable } from '@nestjs/common';
import { DomainError, ValidationFailedError } from '../../../common/errors/domain-error.js';
import { comment, serverSentEvent } from '../../../common/http/event-stream.js';
import { SharedTurn } from '../../../common/shared-work.js';
import { translateMongoError } from '../../../database/mongo-errors.js';
import { SessionResponse } from '../../session/dto/session.dto.js';
import { type Session } from '../../session/services/session.service.js';
import { TranscriptEvent } from '../dto/event.dto.js';
import { EventReader } from './event-reader.js';
import { LogNews } from './log-news.js';
import { SessionLog } from './session-log.js';

/** How soon a read of the store is retried after a failure. */
const RETRY_MS = 1000;

/** How soon a client should reconnect after its connection broke. */
const RECONNECT_MS = 1000;

/** The most that a stream reads at once, and holds for a client that reads slowly. */
const MAX_EVENTS = 100;
const MAX_BYTES = 256 * 1024;

/** Where a stream starts. */
export interface StreamStart {
  /** The last sequence that the follower has. */
  readonly after: number;
  /** Whether the client sent it as `Last-Event-ID`, and so has read a stream before. */
  readonly resumed: boolean;
}

/** Begins a stream, which the signal ends. */
export type BeginStream = (end: AbortSignal) => AsyncIterable<string>;

/** Events in the form of the stream, and the last sequence among them. */
interface Reading {
  readonly session: Session;
  readonly frames: readonly string[];
  readonly last: number;
  readonly hasMore: boolean;
}

/** Streams of the events of a session, from some place in its log to its end. */
@Injectable()
export class LogStream {
  /** How often something is sent while nothing happens. Proxies close a silent connection after a minute. */
  readonly quietMs: number = 15_000;
  /** Reads under way, by position: followers at the same position in the same turn share one. */
  private readonly asked = new SharedTurn<Reading>();

  constructor(
    private readonly reader: EventReader,
    private readonly log: SessionLog,
    private readonly news: LogNews,
  ) {}

  /**
   * Opens a stream: every event after the start once, in the order of the log, and at the end of the session its final
   * state.
   *
   * @returns a function that begins it, to be ended by a signal; undefined for a resumed stream that has nothing more
   * to send.
   * @throws SessionNotFoundError
   * @throws ValidationFailedError if it is to resume after an event that does not exist.
   */
  async open(sessionId: string, start: StreamStart): Promise<BeginStream | undefined> {
    const { session, events } = await this.reader.readAfter(sessionId, start.after, 1);
    if (start.resumed && events.length === 0) {
      if (start.after > 0 && start.after > ((await this.log.tail(sessionId))?.sequence ?? 0)) {
        const message = `There is no event ${start.after} in this session, after which to go on`;
        throw new ValidationFailedError([{ field: 'Last-Event-ID', message }]);
      }
      if (session.endedAt) return undefined;
    }
    return (end) => this.stream(sessionId, start, end);
  }

  private async *stream(
    sessionId: string,
    { after, resumed }: StreamStart,
    end: AbortSignal,
  ): AsyncGenerator<string> {
    const subscription = this.news.subscribe(sessionId); // before the first read, so that nothing is missed in between
    try {
      yield `retry: ${RECONNECT_MS}\n\n`;
      for (let position = after; !isOver(end);) {
        const reading = await this.tryToRead(sessionId, position);
        if (reading === 'gone') return;
        if (reading === 'away') {
          yield comment('the store is away');
          await subscription.wait(position, RETRY_MS, end);
          continue;
        }
        yield* reading.frames;
        position = reading.last;
        if (reading.hasMore) continue;
        const { finalSequence } = reading.session;
        if (finalSequence !== null && finalSequence > position) continue; // it has ended meanwhile, after more events
        if (finalSequence !== null) {
          // A client that has no id yet gets one, so that its next connection learns that this was all.
          if (!resumed && position === after) yield `id: ${position}\n\n`;
          yield serverSentEvent('session', new SessionResponse(reading.session));
          return;
        }
        while (!(await subscription.wait(position, this.quietMs, end))) {
          if (isOver(end)) return;
          yield comment('');
        }
      }
    } finally {
      subscription.end();
    }
  }

  /** Reads the next events. If the session is deleted, its followers learn this when they reconnect. */
  private async tryToRead(sessionId: string, after: number): Promise<Reading | 'away' | 'gone'> {
    try {
      return await this.read(sessionId, after);
    } catch (error) {
      const { code } = (error instanceof DomainError ? error : translateMongoError(error)) ?? {};
      if (code === 'STORE_UNAVAILABLE') return 'away';
      if (code === 'SESSION_DELETED' || code === 'SESSION_NOT_FOUND') return 'gone';
      throw error;
    }
  }

  private read(sessionId: string, after: number): Promise<Reading> {
    return this.asked.run(`${sessionId} ${after}`, () => this.readFrames(sessionId, after));
  }

  private async readFrames(sessionId: string, after: number): Promise<Reading> {
    const { session, events, hasMore } = await this.reader.readAfter(
      sessionId,
      after,
      MAX_EVENTS,
      undefined,
      MAX_BYTES,
    );
    const frames = events.map((event) =>
      serverSentEvent('event', new TranscriptEvent(event, session.finalSequence), event.sequence),
    );
    return { session, frames, last: events.at(-1)?.sequence ?? after, hasMore };
  }
}

/** A function, because TypeScript assumes that `aborted` does not change between two checks. */
function isOver(end: AbortSignal): boolean {
  return end.aborted;
}
