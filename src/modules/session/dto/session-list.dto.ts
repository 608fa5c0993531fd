import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { CursorPagination } from '../../../common/openapi/cursor-pagination.dto.js';
import { type SessionPage } from '../services/session-list.service.js';
import { SessionResponse } from './session-response.dto.js';

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
