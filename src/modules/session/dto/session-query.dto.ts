import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Max, Min } from 'class-validator';
import { config } from '../../../config/config.js';
import {
  IsOneOrSeveralOf,
  IsTimestamp,
  MayBeLeftOut,
  oneOrSeveral,
  WholeNumberFromText,
} from '../../../common/validation/validators.js';
import { SESSION_STATUSES, type SessionStatus } from '../session-status.js';

const { limits, metadataFilterKeys } = config;

const SESSION_ORDERS = ['desc', 'asc'] as const;

/** The prefix of parameters that filter by a metadata key. */
export const METADATA_PREFIX = 'metadata.';

/** The query string of a list of sessions, with `metadata.<key>` for each key that can be filtered by. */
export class SessionQueryDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: limits.maxPageSize,
    default: limits.defaultPageSize,
    description: 'Sessions on a page.',
  })
  @MayBeLeftOut()
  @WholeNumberFromText()
  @Max(limits.maxPageSize)
  @Min(1)
  @IsInt()
  limit?: number;

  @ApiPropertyOptional({
    description:
      'The `nextCursor` of the previous page. It contains order and filters, which need not be sent again and can’t be changed.',
  })
  @MayBeLeftOut()
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({
    enum: SESSION_ORDERS,
    default: 'desc',
    description: 'By `startedAt`, ties by `sessionId`: newest first, or oldest first.',
  })
  @MayBeLeftOut()
  @IsIn(SESSION_ORDERS)
  order?: (typeof SESSION_ORDERS)[number];

  @ApiPropertyOptional({
    ...oneOrSeveral(SESSION_STATUSES),
    description: 'Only sessions with this status, or one of several statuses separated by commas.',
  })
  @MayBeLeftOut()
  @IsOneOrSeveralOf(SESSION_STATUSES)
  status?: SessionStatus[];

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Only sessions that started at or after this time (RFC 3339).',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  from?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Only sessions that started before this time (RFC 3339).',
  })
  @MayBeLeftOut()
  @IsTimestamp()
  to?: string;

  readonly [metadata: `${typeof METADATA_PREFIX}${string}`]: string | undefined;

  /** The error for a metadata key that has no index. */
  static refusalOf(parameter: string): string | undefined {
    if (!parameter.startsWith(METADATA_PREFIX)) return undefined;
    const possible = metadataFilterKeys.map((key) => METADATA_PREFIX + key).join(', ');
    return `${parameter} can't be filtered by; possible: ${possible || 'none, as METADATA_FILTER_KEYS is not set'}`;
  }
}

for (const key of metadataFilterKeys) {
  const parameter = METADATA_PREFIX + key;
  const describe = ApiPropertyOptional({
    type: String,
    description: `Only sessions whose metadata has this text as its \`${key}\`.`,
  });
  for (const decorate of [describe, MayBeLeftOut(), IsString()])
    decorate(SessionQueryDto.prototype, parameter);
}
