import { ApiProperty } from '@nestjs/swagger';
import { IsIdentifier } from '../../../http/validation/validators.js';
import { config } from '../../../config/config.js';

/** The path parameters of everything below `/sessions/:sessionId`. */
export class SessionParams {
  @ApiProperty({
    description: 'The id the session was created with, percent-encoded where needed.',
    minLength: 1,
    maxLength: config.limits.idLength,
    pattern: '^(?!\\.{1,2}$)[!-~]+$',
    example: 'call-2026-03-01-0001',
  })
  @IsIdentifier()
  sessionId!: string;
}
