import { ApiProperty, ApiSchema, PickType } from '@nestjs/swagger';
import { CursorPagination } from '../../../common/openapi/cursor-pagination.dto.js';
import { SessionResponse } from '../../session/dto/session-response.dto.js';
import { type Session } from '../../session/services/session.service.js';
import { type Event } from '../schemas/event.schema.js';
import { TranscriptEvent } from './transcript-event.dto.js';

/** The fields of a session that tell whether more events are expected. */
class LogState extends PickType(SessionResponse, [
  'sessionId',
  'status',
  'endedAt',
  'finalSequence',
] as const) {
  constructor({ sessionId, status, endedAt, finalSequence }: Session) {
    super();
    Object.assign(this, { sessionId, status, endedAt, finalSequence });
  }
}

/** Events by sequence, with the session's fields that tell whether more are expected. */
@ApiSchema({ name: 'EventList' })
export class EventListResponse extends LogState {
  @ApiProperty({ type: [TranscriptEvent] })
  readonly events: readonly TranscriptEvent[];

  @ApiProperty()
  readonly pagination: CursorPagination;

  constructor(session: Session, events: readonly Event[], pagination: CursorPagination) {
    super(session);
    this.events = events.map((event) => new TranscriptEvent(event, session.finalSequence));
    this.pagination = pagination;
  }
}
