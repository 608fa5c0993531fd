import { ApiProperty } from '@nestjs/swagger';
import { IDENTIFIER_SCHEMA, IsIdentifier } from '../../../common/validation/validators.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';

/** The path parameters of `/sessions/:sessionId/events/:eventId`. */
export class EventParams extends SessionParams {
  @ApiProperty({
    description: 'The id the event was stored with, percent-encoded where needed.',
    ...IDENTIFIER_SCHEMA,
    example: 'evt-0001',
  })
  @IsIdentifier()
  eventId!: string;
}
