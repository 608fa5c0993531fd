import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiErrors } from '../../../common/openapi/api-errors.js';
import { headers } from '../../../common/openapi/headers.js';
import { UnknownQueryGuard } from '../../../common/validation/unknown-query.guard.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { SessionListResponse, SessionQueryDto } from '../../session/dto/session.dto.js';
import { TranscriptService } from '../services/transcript.service.js';

/** The list of sessions. It stands here because it can show what happened in them. */
@ApiTags('reading')
@Controller('sessions')
@UseGuards(StoreGuard, UnknownQueryGuard)
export class SessionListController {
  constructor(private readonly transcripts: TranscriptService) {}

  @Get()
  @ApiOkResponse({ type: SessionListResponse, headers: headers('Vary') })
  @ApiErrors('VALIDATION_FAILED', 'INVALID_CURSOR', 'STORE_UNAVAILABLE')
  @ApiOperation({
    summary: 'List sessions',
    description:
      'By `startedAt`, newest first. Reading by cursor shows every session that existed at the start once; with no filter or one, a page costs the same at any depth. A session that starts or stops matching the filters meanwhile may be shown or not. Filter by metadata with `metadata.<key>=<value>`, for the keys in METADATA_FILTER_KEYS. The whole text must be equal. A page has fewer sessions than `limit` if they would be too large together.',
  })
  listSessions(@Query() query: SessionQueryDto): Promise<SessionListResponse> {
    return this.transcripts.list(query);
  }
}
