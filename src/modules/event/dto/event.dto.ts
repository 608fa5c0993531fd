import { HttpStatus } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiSchema,
  getSchemaPath,
  PickType,
} from '@nestjs/swagger';
import { describeFaults, type ErrorDetail } from '../../../common/errors/domain-error.js';
import { type JsonObject } from '../../../common/http/json.js';
import { type WriteResult } from '../../../common/http/write-result.js';
import { CursorPagination } from '../../../common/openapi/cursor-pagination.dto.js';
import { ErrorResponse } from '../../../common/openapi/error-response.dto.js';
import { EXAMPLE } from '../../../common/openapi/guide.js';
import {
  EnumField,
  EnumListQuery,
  IdField,
  IntegerQuery,
  JsonObjectField,
  ListField,
  QueryDto,
  TextQuery,
  TimeField,
  TimeQuery,
} from '../../../common/validation/fields.js';
import { readItem, refuse } from '../../../common/validation/request-validation.pipe.js';
import { limits } from '../../../config/config.js';
import { MAX_BATCH } from '../../../database/same-turn.js';
import { SessionParams, SessionResponse } from '../../session/dto/session.dto.js';
import { type Session } from '../../session/services/session.service.js';
import { EVENT_TYPES, type EventType } from '../event-type.js';
import { type Event } from '../schemas/event.schema.js';

const MAX_PAGE = 1_000_000_000;
const EVENT_SORTS = ['timestamp', 'sequence'] as const;
const EVENT_ORDERS = ['asc', 'desc'] as const;

/** The longest time in seconds that a request may wait: less than proxies allow a silent connection. */
export const MAX_WAIT_SECONDS = 30;

/** The path parameters of `/sessions/:sessionId/events/:eventId`. */
export class EventParams extends SessionParams {
  @IdField({
    description: 'The id the event was stored with, percent-encoded where needed.',
    example: EXAMPLE.eventId,
  })
  eventId!: string;
}

@ApiSchema({ name: 'AppendEvent' })
export class AppendEventDto {
  @IdField({
    description:
      'Your own id of the event, unique within its session: visible ASCII, case-sensitive, not "." or "..".',
    example: EXAMPLE.eventId,
  })
  eventId!: string;

  @EnumField(EVENT_TYPES, {
    description:
      'What it is. `agent_speech` is a human who took over; what fits none of the others is `system`.',
    example: 'user_speech',
  })
  type!: EventType;

  @JsonObjectField(limits.MAX_PAYLOAD_BYTES, {
    description: `What happened: a JSON object of at most ${limits.MAX_PAYLOAD_BYTES} bytes and ${limits.MAX_JSON_DEPTH} levels. It comes back exactly as it was sent.`,
    example: { text: 'Hello, I have a question about my bill.' },
  })
  payload!: JsonObject;

  @TimeField({
    optional: true,
    description: 'When it happened, kept to the millisecond. By default, when the server stores it.',
    example: '2026-03-01T12:00:01.250Z',
  })
  timestamp?: Date;

  @IdField({
    optional: true,
    description:
      'The `eventId` of the event of this session that this one supersedes, as a final transcript does an interim one. The log keeps both; transcripts show the newest, at the place of the first.',
    example: EXAMPLE.interimId,
  })
  replaces?: string;
}

/** The events of one request. One command stores them all, which limits their number. */
@ApiSchema({ name: 'AppendBatch' })
export class AppendBatchDto {
  @ListField(AppendEventDto, MAX_BATCH, {
    description:
      'Stored in this order. Of several with the same `eventId`, later ones are replays of the first.',
    example: [
      {
        eventId: 'evt-0003',
        type: 'user_speech',
        payload: { text: 'February.' },
        timestamp: '2026-03-01T12:00:06.900Z',
      },
    ],
  })
  events!: readonly unknown[];
}

/** The query string of a request to follow a log. */
export class EventStreamQueryDto extends QueryDto {
  @IntegerQuery({ minimum: 0, description: 'Only events with a higher sequence.' })
  afterSequence?: number;
}

class EventPageQueryDto extends EventStreamQueryDto {
  @IntegerQuery({
    minimum: 1,
    maximum: limits.MAX_PAGE_SIZE,
    default: limits.DEFAULT_PAGE_SIZE,
    description: `Events on a page. A page has fewer, but at least one, if they would exceed MAX_PAGE_BYTES together; \`nextCursor\` continues after them.`,
  })
  limit?: number;

  @TextQuery(
    'The `nextCursor` of the previous page. It contains sort, order and filters, which need not be sent again and can’t be changed.',
  )
  cursor?: string;

  @EnumListQuery(EVENT_TYPES, 'Only events of this type, or of one of several types separated by commas.')
  type?: EventType[];
}

/** The query string of a request for events of a log. */
export class EventListQueryDto extends EventPageQueryDto {
  @IntegerQuery({
    minimum: 1,
    maximum: MAX_WAIT_SECONDS,
    description:
      'Seconds to wait for the next event or the end of the session, if there is nothing yet. If nothing happens, the response has no events.',
  })
  wait?: number;
}

/** The query string of a request for a session's events. */
export class EventQueryDto extends EventPageQueryDto {
  @IntegerQuery({
    minimum: 1,
    maximum: MAX_PAGE,
    // No `default`: forms would send it together with a cursor.
    description:
      'Counted from 1, which is the default, in steps of `limit`, even if pages have fewer events. Not together with `cursor`.',
  })
  page?: number;

  @EnumField(EVENT_SORTS, {
    optional: true,
    description:
      'Events with the same timestamp are ordered by sequence. The default is `timestamp`, or `sequence` with `afterSequence`, so that a late event with an old timestamp is not missed.',
  })
  sort?: (typeof EVENT_SORTS)[number];

  @EnumField(EVENT_ORDERS, { optional: true, default: 'asc' })
  order?: (typeof EVENT_ORDERS)[number];

  @TimeQuery('Only events with a timestamp at or after this one (RFC 3339, a date, or Unix time).')
  from?: Date;

  @TimeQuery('Only events with a timestamp before this one (RFC 3339, a date, or Unix time).')
  to?: Date;
}

/**
 * An event as clients see it. Its times are text: the JSON of 20 events takes 34 µs with text, and 48 with a `Date` in
 * each.
 */
@ApiSchema({ name: 'Event' })
export class EventResponse {
  @ApiProperty({ example: EXAMPLE.eventId })
  readonly eventId: string;

  @ApiProperty({ example: EXAMPLE.sessionId })
  readonly sessionId: string;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    example: 1,
    description: 'The number of the event in its session: 1, 2, 3 … without a gap.',
  })
  readonly sequence: number;

  @ApiProperty({ enum: EVENT_TYPES, example: 'user_speech' })
  readonly type: EventType;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { text: 'Hello, I have a question about my bill.' },
  })
  readonly payload: JsonObject;

  @ApiProperty({
    type: String,
    format: 'date-time',
    example: '2026-03-01T12:00:01.250Z',
    description: 'When it happened.',
  })
  readonly timestamp: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    example: '2026-03-01T12:00:01.312Z',
    description: 'When it was stored.',
  })
  readonly receivedAt: string;

  @ApiPropertyOptional({
    example: EXAMPLE.interimId,
    description: 'The event of this session that it supersedes, where it does.',
  })
  readonly replaces?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    example: '2026-03-02T09:00:00.000Z',
    description: 'When its content was removed for good, where it was; its payload is empty since.',
  })
  readonly redactedAt?: string;

  constructor(event: Event) {
    this.eventId = event.eventId;
    this.sessionId = event.sessionId;
    this.sequence = event.sequence;
    this.type = event.type;
    this.payload = event.payload;
    this.timestamp = event.timestamp.toISOString();
    this.receivedAt = event.receivedAt.toISOString();
    if (event.replaces !== undefined) this.replaces = event.replaces;
    if (event.redactedAt) this.redactedAt = event.redactedAt.toISOString();
  }
}

/** An event read as part of its session. */
@ApiSchema({ name: 'TranscriptEvent' })
export class TranscriptEvent extends EventResponse {
  @ApiProperty({ description: 'Whether it was stored after the session had ended.', example: false })
  readonly late: boolean;

  constructor(event: Event, finalSequence: number | null) {
    super(event);
    this.late = finalSequence !== null && event.sequence > finalSequence;
  }
}

/** Events by sequence, with the session's fields that tell whether more are expected. */
@ApiSchema({ name: 'EventList' })
export class EventListResponse extends PickType(SessionResponse, [
  'sessionId',
  'status',
  'endedAt',
  'finalSequence',
] as const) {
  @ApiProperty({ type: [TranscriptEvent] })
  readonly events!: readonly TranscriptEvent[];

  @ApiProperty()
  readonly pagination!: CursorPagination;

  /** In the order in which the contract has its fields: a constructor would define its own ones first. */
  static of(session: Session, events: readonly Event[], pagination: CursorPagination): EventListResponse {
    const { sessionId, status, endedAt, finalSequence } = session;
    const shown = events.map((event) => new TranscriptEvent(event, finalSequence));
    return { sessionId, status, endedAt, finalSequence, events: shown, pagination };
  }
}

/** The result for one event of a batch, as for an append of its own. */
@ApiSchema({ name: 'BatchResult' })
class BatchResult {
  @ApiProperty({
    enum: [HttpStatus.OK, HttpStatus.CREATED],
    example: HttpStatus.CREATED,
    description: '201 if this request stored it, 200 if it was stored before.',
  })
  readonly status: number;

  @ApiProperty({ example: false, description: 'Whether it was stored before.' })
  readonly replayed: boolean;

  @ApiProperty({
    example: false,
    description: 'Whether the stored event has other content; it stays unchanged.',
  })
  readonly mismatch: boolean;

  @ApiPropertyOptional({
    description:
      'The event as it is stored. Left out of a mismatch if the stored events together would be larger than a page may be.',
  })
  readonly event?: EventResponse;

  constructor({ resource, created, differs }: WriteResult<Event | undefined>) {
    this.status = created ? HttpStatus.CREATED : HttpStatus.OK;
    this.replayed = !created;
    this.mismatch = differs;
    if (resource) this.event = new EventResponse(resource);
  }
}

@ApiSchema({ name: 'BatchFault' })
class BatchFault extends PickType(ErrorResponse, ['code', 'message', 'details'] as const) {
  constructor(faults: readonly ErrorDetail[]) {
    super();
    Object.assign(this, { code: 'VALIDATION_FAILED', ...describeFaults(faults) });
  }
}

/** The result for a faulty event of a batch under `Prefer: handling=lenient`: it is not stored. */
@ApiSchema({ name: 'BatchRefusal' })
class BatchRefusal {
  @ApiProperty({ enum: [HttpStatus.BAD_REQUEST], example: HttpStatus.BAD_REQUEST })
  readonly status = HttpStatus.BAD_REQUEST;

  @ApiProperty()
  readonly error: BatchFault;

  constructor(faults: readonly ErrorDetail[]) {
    this.error = new BatchFault(faults);
  }
}

/** The results for the events of a batch. */
@ApiSchema({ name: 'Batch' })
@ApiExtraModels(BatchResult, BatchRefusal)
export class BatchResponse {
  @ApiProperty({
    type: 'array',
    items: { oneOf: [{ $ref: getSchemaPath(BatchResult) }, { $ref: getSchemaPath(BatchRefusal) }] },
    description: 'One for each event of the request, in the same order.',
  })
  readonly results: readonly (BatchResult | BatchRefusal)[];

  constructor(results: readonly (BatchResult | BatchRefusal)[]) {
    this.results = results;
  }
}

/** The events of a batch, each of them checked. */
export class CheckedBatch {
  private readonly items;
  /** Those that can be stored, in order. */
  readonly valid: readonly AppendEventDto[];

  /**
   * @param lenient whether faulty events are to be left out.
   * @throws ValidationFailedError that names every fault by its place, such as `events[3].payload`; under `lenient` only
   * where no event is valid.
   */
  constructor({ events }: AppendBatchDto, lenient: boolean) {
    this.items = events.map((event, index) => readItem(AppendEventDto, event, `events[${index}]`));
    this.valid = this.items.flatMap(({ dto }) => dto ?? []);
    if (!lenient || this.valid.length === 0) refuse(this.items.flatMap(({ faults }) => faults));
  }

  /** The response, where `results` are those of the valid events in the same order. */
  answer(results: readonly WriteResult<Event | undefined>[]): BatchResponse {
    const stored = results.values();
    return new BatchResponse(
      this.items.map(({ dto, faults }) => {
        const { value } = dto ? stored.next() : {};
        return value ? new BatchResult(value) : new BatchRefusal(faults);
      }),
    );
  }
}
