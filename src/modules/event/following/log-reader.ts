import { Injectable } from '@nestjs/common';
import { SessionService, type Session } from '../../session/services/session.service.js';
import { type EventFilter } from '../reading/event-query.js';
import { EventReader } from '../reading/event-reader.js';
import { EventRepository } from '../repositories/event.repository.js';
import { type Event } from '../schemas/event.schema.js';

/** A part of a log, and its session. */
export interface Stretch {
  readonly session: Session;
  readonly events: readonly Event[];
  /** Whether more events follow. */
  readonly hasMore: boolean;
}

/** Reads logs from a reader's position on. */
@Injectable()
export class LogReader {
  constructor(
    private readonly reader: EventReader,
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
  ) {}

  /**
   * Reads a session and then, in the order of the log, the events after a sequence. So if the session has ended, no
   * event up to its `finalSequence` is missing.
   *
   * @param limit the most events; there may be fewer because of their bytes.
   * @throws SessionNotFoundError
   */
  async readAfter(
    sessionId: string,
    sequence: number,
    limit: number,
    type?: EventFilter['type'],
  ): Promise<Stretch> {
    const { session, page } = await this.reader.read(sessionId, {
      filter: { type },
      sort: 'sequence',
      order: 'asc',
      limit,
      after: { sequence, timestamp: new Date(0) }, // ignored in the order of the log
    });
    return { session, events: page.events, hasMore: page.nextCursor !== null };
  }

  /**
   * The same, but with the session as it was after the events were read. For responses without the session, so that no
   * event stored after the end is taken for an earlier one.
   */
  async readThenLook(sessionId: string, sequence: number, limit: number): Promise<Stretch> {
    const stretch = await this.readAfter(sessionId, sequence, limit);
    return stretch.session.endedAt ? stretch : { ...stretch, session: await this.sessions.get(sessionId) };
  }

  /**
   * Reads an event, if it exists, and then its session.
   *
   * @throws SessionNotFoundError
   */
  async find(sessionId: string, eventId: string): Promise<{ event: Event | null; session: Session }> {
    const event = await this.events.findByEventId(sessionId, eventId);
    return { event, session: await this.sessions.get(sessionId) };
  }
}
