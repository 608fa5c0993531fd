import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { MAX_BATCH } from '../../../database/same-turn.js';
import { IsListOf } from '../../../common/validation/list-of.js';
import { AppendEventDto } from './append-event.dto.js';

/** The events of one request. One command stores them all, which limits their number. */
@ApiSchema({ name: 'AppendBatch' })
export class AppendBatchDto {
  @ApiProperty({
    type: [AppendEventDto],
    minItems: 1,
    maxItems: MAX_BATCH,
    description:
      'Stored in this order. Of several with the same `eventId`, later ones are replays of the first.',
    example: [
      {
        eventId: 'evt-0002',
        type: 'bot_speech',
        payload: { text: 'Which month is it about?' },
        timestamp: '2026-03-01T12:00:04.600Z',
      },
      {
        eventId: 'evt-0003',
        type: 'user_speech',
        payload: { text: 'February.' },
        timestamp: '2026-03-01T12:00:06.900Z',
      },
    ],
  })
  @IsListOf(AppendEventDto, MAX_BATCH)
  events!: AppendEventDto[];
}
