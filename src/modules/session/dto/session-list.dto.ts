import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { type SessionPage } from '../listing/session-lister.js';
import { SessionResponse } from './session-response.dto.js';

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

/** One page of the list of sessions. */
@ApiSchema({ name: 'SessionList' })
export class SessionListResponse {
  @ApiProperty({ type: [SessionResponse] })
  readonly sessions: readonly SessionResponse[];

  @ApiProperty()
  readonly pagination: CursorPagination;

  constructor(page: SessionPage) {
    this.sessions = page.sessions.map((session) => new SessionResponse(session));
    this.pagination = new CursorPagination(page);
  }
}
