import { ApiProperty } from '@nestjs/swagger';

/** The descriptions, also for pages with numbers. */
export const LIMIT = { type: 'integer', minimum: 1, example: 20 } as const;
export const HAS_MORE = { example: false } as const;
export const NEXT_CURSOR = {
  type: String,
  nullable: true,
  example: null,
  description: 'The `cursor` of the next page; null on the last.',
} as const;

/** The pagination of a list that is only read by cursor. */
export class CursorPagination {
  @ApiProperty(LIMIT)
  readonly limit: number;

  @ApiProperty(HAS_MORE)
  readonly hasMore: boolean;

  @ApiProperty(NEXT_CURSOR)
  readonly nextCursor: string | null;

  constructor({ limit, nextCursor }: Pick<CursorPagination, 'limit' | 'nextCursor'>) {
    this.limit = limit;
    this.hasMore = nextCursor !== null;
    this.nextCursor = nextCursor;
  }
}
