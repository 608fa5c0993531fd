import { ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { MayBeLeftOut, WholeNumberFromText } from '../../../common/validation/validators.js';
import { EventQueryDto } from './event-query.dto.js';

/** The longest time in seconds that a request may wait: less than proxies allow a silent connection. */
export const MAX_WAIT_SECONDS = 30;

/** The query string of a request for events of a log. */
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
      'Seconds to wait for the next event or the end of the session, if there is nothing yet. If nothing happens, the response has no events.',
  })
  @MayBeLeftOut()
  @WholeNumberFromText()
  @Max(MAX_WAIT_SECONDS)
  @Min(1)
  @IsInt()
  wait?: number;
}

/** The query string of a request to follow a log. */
export class EventStreamQueryDto extends PickType(EventQueryDto, ['afterSequence'] as const) {}
