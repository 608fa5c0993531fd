import { Injectable } from '@nestjs/common';
import { created, replayed, type WriteResult } from '../../../common/http/write-result.js';
import { type AppendEventDto } from '../dto/event.dto.js';
import { EventConflictError, EventNotFoundError } from '../event.errors.js';
import { EventRepository } from '../repositories/event.repository.js';
import { type Event } from '../schemas/event.schema.js';
import { SessionService } from '../../session/services/session.service.js';
import { SessionLog, type Appended } from './session-log.js';

/** Appends events to sessions. */
@Injectable()
export class EventService {
  constructor(
    private readonly log: SessionLog,
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
  ) {}

  /**
   * Stores an event, or finds the stored one with its id. Events of a session that has ended are stored like any other.
   *
   * @throws SessionNotFoundError
   * @throws EventConflictError under `strict`, if the stored one has other content.
   */
  async append(sessionId: string, dto: AppendEventDto, strict: boolean): Promise<WriteResult<Event>> {
    const [{ event, stored, differs }] = (await this.log.appendAll(sessionId, [dto])) as [Appended];
    if (differs && strict) throw new EventConflictError(sessionId, dto.eventId);
    return stored ? created(event as Event) : replayed(event as Event, differs);
  }

  /**
   * The same for several events, in the order given; if several have the same id, the later ones are replays of the
   * first.
   *
   * @returns the result for each, in the same order. Where a stored event differs, it may be left out, if all together
   * would be larger than a page.
   * @throws SessionNotFoundError
   * @throws StoreUnavailableError if not all could be stored; a first part may be. Safe to retry.
   */
  async appendBatch(
    sessionId: string,
    dtos: readonly AppendEventDto[],
  ): Promise<WriteResult<Event | undefined>[]> {
    const outcomes = await this.log.appendAll(sessionId, dtos);
    return outcomes.map(({ event, stored, differs }) => (stored ? created(event) : replayed(event, differs)));
  }

  /**
   * Takes the content out of an event for good; it keeps its place. Does nothing if that was done before.
   *
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   * @throws EventNotFoundError
   */
  async redact(sessionId: string, eventId: string): Promise<void> {
    await this.sessions.get(sessionId);
    const found = await this.events.redact(sessionId, eventId, new Date());
    if (!found) throw new EventNotFoundError(sessionId, eventId);
  }
}
