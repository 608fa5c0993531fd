import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type JsonObject } from '../../../common/http/json.js';
import { type Session } from '../schemas/session.schema.js';
import { SESSION_STATUSES, type SessionStatus } from '../session-status.js';

/** A session as clients see it. */
@ApiSchema({ name: 'Session' })
export class SessionResponse {
  @ApiProperty({ example: 'call-2026-03-01-0001' })
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

  constructor(session: Session) {
    this.sessionId = session.sessionId;
    this.status = session.status;
    this.language = session.language;
    this.startedAt = session.startedAt;
    this.endedAt = session.endedAt;
    this.finalSequence = session.finalSequence;
    this.metadata = session.metadata;
  }
}
