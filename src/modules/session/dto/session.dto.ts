import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { type JsonObject } from '../../../common/http/json.js';
import { EXAMPLE } from '../../../common/openapi/guide.js';
import { CursorPagination } from '../../../common/openapi/cursor-pagination.dto.js';
import {
  EnumField,
  EnumListQuery,
  IdField,
  IntegerQuery,
  JsonObjectField,
  LanguageField,
  QueryDto,
  TextQuery,
  TimeField,
  TimeQuery,
} from '../../../common/validation/fields.js';
import { limits } from '../../../config/config.js';
import { type Session } from '../schemas/session.schema.js';
import {
  END_STATUSES,
  INITIAL_STATUSES,
  SESSION_STATUSES,
  type EndStatus,
  type InitialStatus,
  type SessionStatus,
} from '../session-status.js';

const { METADATA_FILTER_KEYS } = limits;
const SESSION_ORDERS = ['desc', 'asc'] as const;

const LANGUAGE =
  'A language tag, kept as sent: BCP 47 where possible (`en-GB`), otherwise what the provider says (`en_US`, `multi`), `und` for an unknown language.';

/** The path parameters of everything below `/sessions/:sessionId`. */
export class SessionParams {
  @IdField({
    description: 'The id the session was created with, percent-encoded where needed.',
    example: EXAMPLE.sessionId,
  })
  sessionId!: string;
}

@ApiSchema({ name: 'CreateSession' })
export class CreateSessionDto {
  @IdField({
    description: 'Your own id of the conversation: visible ASCII, case-sensitive, not "." or "..".',
    example: EXAMPLE.sessionId,
  })
  sessionId!: string;

  @LanguageField({ description: LANGUAGE, example: 'en-GB' })
  language!: string;

  @EnumField(INITIAL_STATUSES, {
    optional: true,
    description: '`initiated` by default. The first event makes an `initiated` session `active`.',
    example: 'initiated',
  })
  status?: InitialStatus;

  @TimeField({
    optional: true,
    description: 'When it began, if it is recorded later. By default the server’s clock.',
    example: '2026-03-01T12:00:00.000Z',
  })
  startedAt?: Date;

  @JsonObjectField(limits.MAX_METADATA_BYTES, {
    optional: true,
    description: `Your own data about it: a JSON object of at most ${limits.MAX_METADATA_BYTES} bytes and ${limits.MAX_JSON_DEPTH} levels. It comes back unchanged; empty by default.`,
    example: { caller: '+44 20 7946 0000', queue: 'billing' },
  })
  metadata?: JsonObject;
}

/**
 * A merge patch of a session. Its metadata may exceed the limit for stored metadata, since it may name many keys to
 * remove.
 */
@ApiSchema({ name: 'PatchSession' })
export class PatchSessionDto {
  @JsonObjectField(limits.MAX_BODY_BYTES, {
    optional: true,
    description: `What to change: objects are merged, \`null\` removes a key, anything else replaces the old value. The result may have at most ${limits.MAX_METADATA_BYTES} bytes and ${limits.MAX_JSON_DEPTH} levels.`,
    example: { queue: 'sales', ticket: { id: 'T-17' }, caller: null },
  })
  metadata?: JsonObject;

  @LanguageField({ optional: true, description: `Replaces the language. ${LANGUAGE}`, example: 'en-GB' })
  language?: string;
}

@ApiSchema({ name: 'CompleteSession' })
export class CompleteSessionDto {
  @EnumField(END_STATUSES, {
    optional: true,
    description: 'How the conversation ended; `completed` by default.',
    example: 'completed',
  })
  status?: EndStatus;

  @TimeField({
    optional: true,
    description:
      'When it ended, not before a `startedAt` that was sent. By default the server’s clock, or `startedAt` if that is later.',
    example: '2026-03-01T12:04:07.250Z',
  })
  endedAt?: Date;
}

/** The prefix of parameters that filter by a metadata key. */
export const METADATA_PREFIX = 'metadata.';

/** The query string of a list of sessions, with `metadata.<key>` for each key that can be filtered by. */
export class SessionQueryDto extends QueryDto {
  @IntegerQuery({
    minimum: 1,
    maximum: limits.MAX_PAGE_SIZE,
    default: limits.DEFAULT_PAGE_SIZE,
    description: 'Sessions on a page.',
  })
  limit?: number;

  @TextQuery(
    'The `nextCursor` of the previous page. It contains order and filters, which need not be sent again and can’t be changed.',
  )
  cursor?: string;

  @EnumField(SESSION_ORDERS, {
    optional: true,
    default: 'desc',
    description: 'By `startedAt`, ties by `sessionId`: newest first, or oldest first.',
  })
  order?: (typeof SESSION_ORDERS)[number];

  @EnumListQuery(
    SESSION_STATUSES,
    'Only sessions with this status, or one of several statuses separated by commas.',
  )
  status?: SessionStatus[];

  @TimeQuery('Only sessions that started at or after this time (RFC 3339, a date, or Unix time).')
  from?: Date;

  @TimeQuery('Only sessions that started before this time (RFC 3339, a date, or Unix time).')
  to?: Date;

  @EnumField(['activity'], {
    optional: true,
    description: 'With `activity`, each session also has `eventCount` and `lastEventAt`.',
  })
  include?: 'activity';

  readonly [metadata: `${typeof METADATA_PREFIX}${string}`]: string | undefined;

  /** The error for a metadata key that has no index. */
  static refusalOf(parameter: string): string | undefined {
    if (!parameter.startsWith(METADATA_PREFIX)) return undefined;
    const possible = METADATA_FILTER_KEYS.map((key) => METADATA_PREFIX + key).join(', ');
    return `${parameter} can't be filtered by; possible: ${possible || 'none, as METADATA_FILTER_KEYS is not set'}`;
  }
}

for (const key of METADATA_FILTER_KEYS) {
  const filter = TextQuery(
    `Only sessions whose metadata has this value as its \`${key}\`: a string, or a number or boolean by its text.`,
  );
  filter(SessionQueryDto.prototype, METADATA_PREFIX + key);
}

/** What happened in a session so far. */
export interface Activity {
  readonly eventCount: number;
  readonly lastEventAt: Date | null;
}

/** A session as clients see it. */
@ApiSchema({ name: 'Session' })
export class SessionResponse {
  @ApiProperty({ example: EXAMPLE.sessionId })
  readonly sessionId: string;

  @ApiProperty({ enum: SESSION_STATUSES, example: 'active' })
  readonly status: SessionStatus;

  @ApiProperty({ example: 'en-GB' })
  readonly language: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-03-01T12:00:00.000Z' })
  readonly startedAt: Date;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Null until it ends.',
  })
  readonly endedAt: Date | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    nullable: true,
    example: null,
    description:
      'The sequence of the last event stored when the session ended, 0 when there was none; null until then.',
  })
  readonly finalSequence: number | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { caller: '+44 20 7946 0000', queue: 'billing' },
  })
  readonly metadata: JsonObject;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    example: 12,
    description: 'How many events it has; where one session is read, and in a list with `include=activity`.',
  })
  readonly eventCount?: number;

  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-03-01T12:03:58.120Z',
    description: 'When its last event was stored, or null; present where `eventCount` is.',
  })
  readonly lastEventAt?: Date | null;

  constructor(session: Session, activity?: Activity) {
    this.sessionId = session.sessionId;
    this.status = session.status;
    this.language = session.language;
    this.startedAt = session.startedAt;
    this.endedAt = session.endedAt;
    this.finalSequence = session.finalSequence;
    this.metadata = session.metadata;
    if (activity) {
      this.eventCount = activity.eventCount;
      this.lastEventAt = activity.lastEventAt;
    }
  }
}

/** One page of the list of sessions. */
export interface SessionPage {
  readonly sessions: readonly Session[];
  readonly limit: number;
  /** The cursor of the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/** One page of the list of sessions, as clients see it. */
@ApiSchema({ name: 'SessionList' })
export class SessionListResponse {
  @ApiProperty({ type: [SessionResponse] })
  readonly sessions: readonly SessionResponse[];

  @ApiProperty()
  readonly pagination: CursorPagination;

  /** @param activities of the sessions, in the same order, where they were asked for. */
  constructor(page: SessionPage, activities: readonly Activity[] = []) {
    this.sessions = page.sessions.map((session, index) => new SessionResponse(session, activities[index]));
    this.pagination = new CursorPagination(page);
  }
}
