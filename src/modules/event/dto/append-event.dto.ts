import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { type JsonObject } from '../../../common/http/json.js';
import {
  IDENTIFIER_SCHEMA,
  IsIdentifier,
  IsJsonObject,
  IsTimestamp,
  MayBeLeftOut,
} from '../../../common/validation/validators.js';
import { config } from '../../../config/config.js';
import { EVENT_TYPES, type EventType } from '../event-type.js';

const { limits } = config;

@ApiSchema({ name: 'AppendEvent' })
export class AppendEventDto {
  @ApiProperty({
    description:
      'Your own id of the event, unique within its session: visible ASCII, case-sensitive, not "." or "..".',
    ...IDENTIFIER_SCHEMA,
    example: 'evt-0001',
  })
  @IsIdentifier()
  eventId!: string;

  @ApiProperty({ enum: EVENT_TYPES, example: 'user_speech' })
  @IsIn(EVENT_TYPES)
  type!: EventType;

  @ApiProperty({
    description: `What happened: a JSON object of at most ${limits.payloadBytes} bytes and ${limits.jsonDepth} levels. It comes back exactly as it was sent.`,
    type: 'object',
    additionalProperties: true,
    example: { text: 'Hello, I have a question about my bill.' },
  })
  @IsJsonObject(limits.payloadBytes)
  payload!: JsonObject;

  @ApiPropertyOptional({
    description:
      'When it happened (RFC 3339), kept to the millisecond. By default, when the server stores it.',
    format: 'date-time',
    example: '2026-03-01T12:00:01.250Z',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  timestamp?: string;

  @ApiPropertyOptional({
    description: 'The `eventId` of an event of this session whose utterance this one supersedes.',
    ...IDENTIFIER_SCHEMA,
  })
  @MayBeLeftOut()
  @IsIdentifier()
  replaces?: string;
}
