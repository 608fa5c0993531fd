import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { type JsonObject } from '../../../http/json.js';
import {
  IsIdentifier,
  IsJsonObject,
  IsLanguageTag,
  IsTimestamp,
  MayBeLeftOut,
} from '../../../http/validation/validators.js';
import { config } from '../../../config/config.js';
import { INITIAL_STATUSES, type InitialStatus } from '../session-status.js';

const { limits } = config;

@ApiSchema({ name: 'CreateSession' })
export class CreateSessionDto {
  @ApiProperty({
    description: 'Your own id of the conversation. Visible ASCII, compared byte by byte; not "." or "..".',
    minLength: 1,
    maxLength: limits.idLength,
    pattern: '^(?!\\.{1,2}$)[!-~]+$',
    example: 'call-2026-03-01-0001',
  })
  @IsIdentifier()
  sessionId!: string;

  @ApiProperty({
    description: 'The language it is held in: a well-formed BCP 47 tag.',
    minLength: 2,
    maxLength: limits.languageLength,
    example: 'en-GB',
  })
  @IsLanguageTag()
  language!: string;

  @ApiPropertyOptional({
    description: '`initiated` where it is left out. The first event makes an `initiated` session `active`.',
    enum: INITIAL_STATUSES,
    example: 'initiated',
  })
  @MayBeLeftOut()
  @IsIn(INITIAL_STATUSES)
  status?: InitialStatus;

  @ApiPropertyOptional({
    description:
      'When it began (RFC 3339): for a conversation that is recorded later than it was held. The server’s clock where it is left out.',
    format: 'date-time',
    example: '2026-03-01T12:00:00.000Z',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  startedAt?: string;

  @ApiPropertyOptional({
    description: `Anything you want to keep with it: a JSON object of at most ${limits.metadataBytes} bytes and ${limits.jsonDepth} levels. It comes back exactly as it was sent; empty where it is left out.`,
    type: 'object',
    additionalProperties: true,
    example: { caller: '+44 20 7946 0000', queue: 'billing' },
  })
  @MayBeLeftOut()
  @IsJsonObject(limits.metadataBytes)
  metadata?: JsonObject;
}
