import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type Event } from '../schemas/event.schema.js';
import { EventResponse } from './event-response.dto.js';

/** An event read as part of its session. */
@ApiSchema({ name: 'TranscriptEvent' })
export class TranscriptEvent extends EventResponse {
  @ApiProperty({ description: 'Whether it was stored after the session had ended.', example: false })
  readonly late: boolean;

  constructor(event: Event, finalSequence: number | null) {
    super(event);
    this.late = finalSequence !== null && event.sequence > finalSequence;
  }
}
