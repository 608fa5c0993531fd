import { ApiProperty } from '@nestjs/swagger';

/** Where a page of a list stands that is only read by cursor. */
export class CursorPagination {
  @ApiProperty({ type: 'integer', minimum: 1, example: 20 })
  readonly limit: number;

  @ApiProperty({ example: false })
  readonly hasMore: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The `cursor` of the next page; null on the last.',
  })
  readonly nextCursor: string | null;

  constructor({ limit, nextCursor }: Pick<CursorPagination, 'limit' | 'nextCursor'>) {
    this.limit = limit;
    this.hasMore = nextCursor !== null;
    this.nextCursor = nextCursor;
  }
}
