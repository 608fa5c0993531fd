import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { type JsonObject } from '../../../common/http/json.js';
import {
  IDENTIFIER_SCHEMA,
  IsIdentifier,
  IsJsonObject,
  IsLanguageTag,
  IsTimestamp,
  MayBeLeftOut,
} from '../../../common/validation/validators.js';
import { config } from '../../../config/config.js';
import { INITIAL_STATUSES, type InitialStatus } from '../session-status.js';

const { limits } = config;

@ApiSchema({ name: 'CreateSession' })
export class CreateSessionDto {
  @ApiProperty({
    description: 'Your own id of the conversation: visible ASCII, case-sensitive, not "." or "..".',
    ...IDENTIFIER_SCHEMA,
    example: 'call-2026-03-01-0001',
  })
  @IsIdentifier()
  sessionId!: string;

  @ApiProperty({
    description: 'Its language: a well-formed BCP 47 tag.',
    minLength: 2,
    maxLength: limits.languageLength,
    example: 'en-GB',
  })
  @IsLanguageTag()
  language!: string;

  @ApiPropertyOptional({
    description: '`initiated` by default. The first event makes an `initiated` session `active`.',
    enum: INITIAL_STATUSES,
    example: 'initiated',
  })
  @MayBeLeftOut()
  @IsIn(INITIAL_STATUSES)
  status?: InitialStatus;

  @ApiPropertyOptional({
    description: 'When it began (RFC 3339), if it is recorded later. By default the server’s clock.',
    format: 'date-time',
    example: '2026-03-01T12:00:00.000Z',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  startedAt?: string;

  @ApiPropertyOptional({
    description: `Your own data about it: a JSON object of at most ${limits.metadataBytes} bytes and ${limits.jsonDepth} levels. It comes back unchanged; empty by default.`,
    type: 'object',
    additionalProperties: true,
    example: { caller: '+44 20 7946 0000', queue: 'billing' },
  })
  @MayBeLeftOut()
  @IsJsonObject(limits.metadataBytes)
  metadata?: JsonObject;
}
