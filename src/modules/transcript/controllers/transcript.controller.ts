import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { LongRequests } from '../../../common/http/long-requests.js';
import { sendStream } from '../../../common/http/stream.js';
import { ApiErrors, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { headers } from '../../../common/openapi/headers.js';
import { UnknownQueryGuard } from '../../../common/validation/unknown-query.guard.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { EventQueryDto } from '../../event/dto/event.dto.js';
import { SessionParams } from '../../session/dto/session.dto.js';
import { TranscriptResponse } from '../dto/transcript.dto.js';
import { ExportService } from '../services/export.service.js';
import { TranscriptService } from '../services/transcript.service.js';

/** Lines of JSON: https://github.com/ndjson/ndjson-spec. */
const NDJSON = 'application/x-ndjson';

/** A session together with its events. */
@ApiTags('reading')
@Controller('sessions/:sessionId')
@UseGuards(StoreGuard, UnknownQueryGuard)
export class TranscriptController {
  constructor(
    private readonly transcripts: TranscriptService,
    private readonly exports: ExportService,
    private readonly long: LongRequests,
  ) {}

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

  @Get('export')
  @ApiOkResponse({
    description:
      'One JSON object per line: the session, its events by sequence, and finally `{ "end": true, "events": n }`. Without this last line, the export was cut off.',
    content: { [NDJSON]: { schema: { type: 'string' } } },
  })
  @ApiErrors(...SESSION_ERRORS, 'TOO_MANY_FOLLOWERS')
  @ApiOperation({
    operationId: 'exportSession',
    summary: 'Export a session with all its events',
    description:
      'The session as of this request, whatever its size. `npm run import` imports it. The response breaks off if the session is deleted meanwhile.',
  })
  async export(@Param() { sessionId }: SessionParams, @Res() response: Response): Promise<void> {
    const begin = await this.exports.open(sessionId);
    await sendStream(response, NDJSON, () => begin(this.long.begin(response, 0)));
  }
}
