import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsTimestamp, MayBeLeftOut } from '../../../common/validation/validators.js';
import { END_STATUSES, type EndStatus } from '../session-status.js';

@ApiSchema({ name: 'CompleteSession' })
export class CompleteSessionDto {
  @ApiPropertyOptional({
    description: 'How the conversation ended; `completed` by default.',
    enum: END_STATUSES,
    example: 'completed',
  })
  @MayBeLeftOut()
  @IsIn(END_STATUSES)
  status?: EndStatus;

  @ApiPropertyOptional({
    description:
      'When it ended (RFC 3339), not before it began. By default the server’s clock, or `startedAt` if that is later.',
    format: 'date-time',
    example: '2026-03-01T12:04:07.250Z',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  endedAt?: string;
}
