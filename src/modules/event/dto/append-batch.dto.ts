import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsListOf } from '../../../http/validation/list-of.js';
import { AppendEventDto } from './append-event.dto.js';

/** Events in one request, at most; as many as are stored together (`MAX_BATCH` of the lanes). */
export const MAX_BATCH_EVENTS = 100;

@ApiSchema({ name: 'AppendBatch' })
export class AppendBatchDto {
  @ApiProperty({
    type: [AppendEventDto],
    minItems: 1,
    maxItems: MAX_BATCH_EVENTS,
    description:
      'Stored in this order. Of several with the same `eventId`, the later are replays of the first.',
  })
  @IsListOf(AppendEventDto, MAX_BATCH_EVENTS)
  events!: AppendEventDto[];
}
