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

/** Reads logs on from where a reader stands. */
@Injectable()
export class LogReader {
  constructor(
    private readonly reader: EventReader,
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
  ) {}

  /**
   * Reads a session, and no earlier the events after a sequence, in the order of the log: so where it has ended, none
   * is missing that its end counts.
   *
   * @param limit of the events; they may be fewer for their bytes.
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
      after: { sequence, timestamp: new Date(0) }, // which the order of the log does not look at
    });
    return { session, events: page.events, hasMore: page.nextCursor !== null };
  }

  /**
   * The same with the session as it was when the events had been read: where it is not shown beside them, no event that
   * was stored after its end may be taken for one from before.
   */
  async readThenLook(sessionId: string, sequence: number, limit: number): Promise<Stretch> {
    const stretch = await this.readAfter(sessionId, sequence, limit);
    return stretch.session.endedAt ? stretch : { ...stretch, session: await this.sessions.get(sessionId) };
  }

  /**
   * Reads an event, if it is there, and then its session.
   *
   * @throws SessionNotFoundError
   */
  async find(sessionId: string, eventId: string): Promise<{ event: Event | null; session: Session }> {
    const event = await this.events.findByEventId(sessionId, eventId);
    return { event, session: await this.sessions.get(sessionId) };
  }
}
