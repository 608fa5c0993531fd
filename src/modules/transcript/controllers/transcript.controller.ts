import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { StoreReadyGuard } from '../../../database/store-ready.guard.js';
import { EventQueryDto } from '../../event/dto/event-query.dto.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { type TranscriptResponse } from '../dto/transcript-response.dto.js';
import { TranscriptService } from '../services/transcript.service.js';

@ApiTags('sessions')
@Controller('sessions/:sessionId')
@UseGuards(StoreReadyGuard)
export class TranscriptController {
  constructor(private readonly transcripts: TranscriptService) {}

  @Get()
  @ApiOperation({ summary: 'Read a session with a page of its events' })
  async read(
    @Param() { sessionId }: SessionParams,
    @Query() query: EventQueryDto,
  ): Promise<TranscriptResponse> {
    return this.transcripts.read(sessionId, query);
  }
}
