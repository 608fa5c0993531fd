import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { ApiErrors, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { AnswersJsonOrPage } from '../../../common/openapi/api-responses.js';
import { jsonOrPage } from '../../../pages/page.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { EventQueryDto } from '../../event/dto/event-query.dto.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { TranscriptResponse } from '../dto/transcript-response.dto.js';
import { transcriptPage } from '../page/transcript.page.js';
import { TranscriptService } from '../services/transcript.service.js';

@ApiTags('reading')
@Controller('sessions/:sessionId')
@UseGuards(StoreGuard)
export class TranscriptController {
  constructor(private readonly transcripts: TranscriptService) {}

  @Get()
  @AnswersJsonOrPage(TranscriptResponse)
  @ApiErrors(...SESSION_ERRORS, 'INVALID_CURSOR')
  @ApiOperation({
    operationId: 'readSession',
    summary: 'Read a session with a page of its events',
    description:
      'By `page` or by `cursor`. Reading by cursor shows every event that existed at the start exactly once, even while others append, and costs the same at any depth.',
  })
  async read(
    @Param() { sessionId }: SessionParams,
    @Query() query: EventQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TranscriptResponse | string> {
    return jsonOrPage(response, await this.transcripts.read(sessionId, query), transcriptPage);
  }
}
