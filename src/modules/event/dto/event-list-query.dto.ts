import { ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { MayBeLeftOut, WholeNumberFromText } from '../../../http/validation/validators.js';
import { EventQueryDto } from './event-query.dto.js';

/** Seconds that a request may wait, at most: less than proxies give a silent one. */
export const MAX_WAIT_SECONDS = 30;

/** Which events of a log to read, as the query string says it. */
export class EventListQueryDto extends PickType(EventQueryDto, [
  'limit',
  'cursor',
  'type',
  'afterSequence',
] as const) {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_WAIT_SECONDS,
    description:
      'Seconds to wait for the next event, or for the end of the session, where there is none yet. With none in that time the answer is the same, without events.',
  })
  @MayBeLeftOut()
  @WholeNumberFromText()
  @Max(MAX_WAIT_SECONDS)
  @Min(1)
  @IsInt()
  wait?: number;
}

/** Where in a log to begin to follow it, as the query string says it. */
export class EventStreamQueryDto extends PickType(EventQueryDto, ['afterSequence'] as const) {}
