import { Injectable } from '@nestjs/common';
import { type Handling } from '../../../common/http/prefer-header.js';
import { sameJson } from '../../../common/http/json.js';
import { created, replayed, type WriteResult } from '../../../common/http/write-result.js';
import { type AppendEventDto } from '../dto/event.dto.js';
import { EventConflictError } from '../event.errors.js';
import { EventMetrics } from '../event.metrics.js';
import { type Event } from '../schemas/event.schema.js';
import { type EventDraft } from '../log/log-places.js';
import { SessionLog, type Appended } from '../log/session-log.js';

/** Appends events to sessions. */
@Injectable()
export class EventService {
  constructor(
    private readonly log: SessionLog,
    private readonly metrics: EventMetrics,
  ) {}

  /**
   * Stores an event, or finds the stored one with its id. Events of a session that has ended are stored like any other.
   *
   * @throws SessionNotFoundError
   * @throws EventConflictError under strict handling, if the stored one has other content.
   */
  async append(sessionId: string, dto: AppendEventDto, handling: Handling): Promise<WriteResult<Event>> {
    const draft = draftOf(dto);
    const result = resultOf(await this.log.append(sessionId, draft), draft);
    if (result.differs && handling === 'strict') throw new EventConflictError(sessionId, dto.eventId);
    return result;
  }

  /**
   * The same for several events, in the order given; if several have the same id, the later ones are replays of the
   * first.
   *
   * @returns the result for each, in the same order.
   * @throws SessionNotFoundError
   * @throws StoreUnavailableError if not all could be stored; a first part may be. Safe to retry.
   */
  async appendBatch(sessionId: string, dtos: readonly AppendEventDto[]): Promise<WriteResult<Event>[]> {
    const drafts = dtos.map(draftOf);
    this.metrics.observeBatch(drafts.length);
    const outcomes = await this.log.appendAll(sessionId, drafts);
    return outcomes.map((outcome, index) => resultOf(outcome, drafts[index] as EventDraft));
  }
}

function draftOf({ eventId, type, payload, timestamp, replaces }: AppendEventDto): EventDraft {
  return { eventId, type, payload, timestamp, replaces };
}

function resultOf({ event, stored }: Appended, draft: EventDraft): WriteResult<Event> {
  return stored ? created(event) : replayed(event, !hasContentOf(event, draft));
}

/** Whether a stored event has the content of a draft. Timestamps are compared only if both came from a client. */
function hasContentOf(event: Event, draft: EventDraft): boolean {
  const timestampsDiffer =
    draft.timestamp !== undefined &&
    !event.serverTimestamp &&
    draft.timestamp.getTime() !== event.timestamp.getTime();
  return event.type === draft.type && !timestampsDiffer && sameJson(event.payload, draft.payload);
}
