import { Injectable } from '@nestjs/common';
import { type Handling } from '../../../http/prefer-header.js';
import { sameJson } from '../../../http/json.js';
import { parseRfc3339 } from '../../../http/validation/rfc3339.js';
import { created, replayed, type WriteResult } from '../../../http/write-result.js';
import { type AppendEventDto } from '../dto/append-event.dto.js';
import { EventConflictError } from '../event.errors.js';
import { type Event } from '../schemas/event.schema.js';
import { type EventDraft } from '../log/log-places.js';
import { SessionLog } from '../log/session-log.js';

/** Recording what happens in a session. */
@Injectable()
export class EventService {
  constructor(private readonly log: SessionLog) {}

  /**
   * Stores an event, or finds the one that has its id. Events of a session that has ended are stored like any other.
   *
   * @throws SessionNotFoundError
   * @throws EventConflictError under strict handling, where the stored one has other content.
   */
  async append(sessionId: string, dto: AppendEventDto, handling: Handling): Promise<WriteResult<Event>> {
    const draft: EventDraft = {
      eventId: dto.eventId,
      type: dto.type,
      payload: dto.payload,
      timestamp: dto.timestamp === undefined ? undefined : parseRfc3339(dto.timestamp),
    };
    const { event, stored } = await this.log.append(sessionId, draft);
    if (stored) return created(event);

    const differs = !hasContentOf(event, draft);
    if (differs && handling === 'strict') throw new EventConflictError(sessionId, dto.eventId);
    return replayed(event, differs);
  }
}

/** Whether a stored event is what a draft asks for. Its timestamp counts where both were given by a client. */
function hasContentOf(event: Event, draft: EventDraft): boolean {
  const timestampsDiffer =
    draft.timestamp !== undefined &&
    !event.serverTimestamp &&
    draft.timestamp.getTime() !== event.timestamp.getTime();
  return event.type === draft.type && !timestampsDiffer && sameJson(event.payload, draft.payload);
}
