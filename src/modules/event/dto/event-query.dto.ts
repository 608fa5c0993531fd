import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Max, Min } from 'class-validator';
import {
  IsOneOrSeveralOf,
  IsTimestamp,
  MayBeLeftOut,
  oneOrSeveral,
  WholeNumberFromText,
} from '../../../common/validation/validators.js';
import { config } from '../../../config/config.js';
import { EVENT_TYPES, type EventType } from '../event-type.js';

const { limits } = config;
const MAX_PAGE = 1_000_000_000;
const EVENT_SORTS = ['timestamp', 'sequence'] as const;
const EVENT_ORDERS = ['asc', 'desc'] as const;

/** The query string of a request for a session's events. */
export class EventQueryDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: limits.maxPageSize,
    default: limits.defaultPageSize,
    description: `Events on a page. A page has fewer, but at least one, if they would exceed ${limits.pageBytes} bytes together; \`nextCursor\` continues after them.`,
  })
  @MayBeLeftOut()
  @WholeNumberFromText()
  @Max(limits.maxPageSize)
  @Min(1)
  @IsInt()
  limit?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE,
    // No `default`: forms would send it together with a cursor.
    description:
      'Counted from 1, which is the default, in steps of `limit`, even if pages have fewer events. Not together with `cursor`.',
  })
  @MayBeLeftOut()
  @WholeNumberFromText()
  @Max(MAX_PAGE)
  @Min(1)
  @IsInt()
  page?: number;

  @ApiPropertyOptional({
    description:
      'The `nextCursor` of the previous page. It contains sort, order and filters, which need not be sent again and can’t be changed.',
  })
  @MayBeLeftOut()
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({
    enum: EVENT_SORTS,
    description:
      'Events with the same timestamp are ordered by sequence. The default is `timestamp`, or `sequence` with `afterSequence`, so that a late event with an old timestamp is not missed.',
  })
  @MayBeLeftOut()
  @IsIn(EVENT_SORTS)
  sort?: (typeof EVENT_SORTS)[number];

  @ApiPropertyOptional({ enum: EVENT_ORDERS, default: 'asc' })
  @MayBeLeftOut()
  @IsIn(EVENT_ORDERS)
  order?: (typeof EVENT_ORDERS)[number];

  @ApiPropertyOptional({
    ...oneOrSeveral(EVENT_TYPES),
    description: 'Only events of this type, or of one of several types separated by commas.',
  })
  @MayBeLeftOut()
  @IsOneOrSeveralOf(EVENT_TYPES)
  type?: EventType[];

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Only events with a timestamp at or after this one (RFC 3339).',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  from?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Only events with a timestamp before this one (RFC 3339).',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  to?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Only events with a higher sequence.' })
  @MayBeLeftOut()
  @WholeNumberFromText()
  @Min(0)
  @IsInt()
  afterSequence?: number;
}
