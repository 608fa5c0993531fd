import { ApiProperty } from '@nestjs/swagger';
import { IDENTIFIER_SCHEMA, IsIdentifier } from '../../../common/validation/validators.js';

/** The path parameters of everything below `/sessions/:sessionId`. */
export class SessionParams {
  @ApiProperty({
    description: 'The id the session was created with, percent-encoded where needed.',
    ...IDENTIFIER_SCHEMA,
    example: 'call-2026-03-01-0001',
  })
  @IsIdentifier()
  sessionId!: string;
}
