import { ApiProperty, ApiSchema, PickType } from '@nestjs/swagger';
import { SessionResponse } from '../../session/dto/session-response.dto.js';
import { TranscriptEvent } from './transcript-event.dto.js';

/** Where a page of a list stands. */
@ApiSchema({ name: 'ListPagination' })
export class ListPagination {
  @ApiProperty({ type: 'integer', minimum: 1, example: 20 })
  readonly limit: number;

  @ApiProperty({ example: false })
  readonly hasMore: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The `cursor` of the next page; null on the last.',
  })
  readonly nextCursor: string | null;

  constructor(limit: number, nextCursor: string | null) {
    this.limit = limit;
    this.hasMore = nextCursor !== null;
    this.nextCursor = nextCursor;
  }
}

/** What tells of a session whether more can come. */
class LogState extends PickType(SessionResponse, [
  'sessionId',
  'status',
  'endedAt',
  'finalSequence',
] as const) {
  constructor({
    sessionId,
    status,
    endedAt,
    finalSequence,
  }: ConstructorParameters<typeof SessionResponse>[0]) {
    super();
    Object.assign(this, { sessionId, status, endedAt, finalSequence });
  }
}

/** Events in the order of their log, with what tells whether more can come. */
@ApiSchema({ name: 'EventList' })
export class EventListResponse extends LogState {
  @ApiProperty({ type: [TranscriptEvent] })
  readonly events: readonly TranscriptEvent[];

  @ApiProperty()
  readonly pagination: ListPagination;

  constructor(
    session: ConstructorParameters<typeof SessionResponse>[0],
    events: readonly ConstructorParameters<typeof TranscriptEvent>[0][],
    pagination: ListPagination,
  ) {
    super(session);
    this.events = events.map((event) => new TranscriptEvent(event, session.finalSequence));
    this.pagination = pagination;
  }
}
