import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiErrors, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { headers } from '../../../common/openapi/headers.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { EventQueryDto } from '../../event/dto/event-query.dto.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { TranscriptResponse } from '../dto/transcript-response.dto.js';
import { TranscriptService } from '../services/transcript.service.js';

@ApiTags('reading')
@Controller('sessions/:sessionId')
@UseGuards(StoreGuard)
export class TranscriptController {
  constructor(private readonly transcripts: TranscriptService) {}

  @Get()
  @ApiOkResponse({ type: TranscriptResponse, headers: headers('Vary') })
  @ApiErrors(...SESSION_ERRORS, 'INVALID_CURSOR')
  @ApiOperation({
    operationId: 'readSession',
    summary: 'Read a session with a page of its events',
    description:
      'By `page` or by `cursor`. Reading by cursor shows every event that existed at the start exactly once, even while others append, and costs the same at any depth.',
  })
  read(@Param() { sessionId }: SessionParams, @Query() query: EventQueryDto): Promise<TranscriptResponse> {
    return this.transcripts.read(sessionId, query);
  }
}
