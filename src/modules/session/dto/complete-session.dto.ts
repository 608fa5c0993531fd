import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { MayBeLeftOut } from '../../../http/validation/validators.js';
import { END_STATUSES, type EndStatus } from '../session-status.js';

@ApiSchema({ name: 'CompleteSession' })
export class CompleteSessionDto {
  @ApiPropertyOptional({
    description: 'How the conversation ended.',
    enum: END_STATUSES,
    default: 'completed',
  })
  @MayBeLeftOut()
  @IsIn(END_STATUSES)
  status?: EndStatus;
}
