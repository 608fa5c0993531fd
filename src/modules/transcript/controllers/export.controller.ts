import { Controller, Get, Param, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { StoreGuard } from '../../../database/store.guard.js';
import { LongRequests } from '../../../common/http/long-requests.js';
import { sendStream } from '../../../common/http/stream.js';
import { ApiErrors, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { ExportService } from '../services/export.service.js';

/** Lines of JSON: https://github.com/ndjson/ndjson-spec. */
const NDJSON = 'application/x-ndjson';

@ApiTags('reading')
@Controller('sessions/:sessionId/export')
@UseGuards(StoreGuard)
export class ExportController {
  constructor(
    private readonly exports: ExportService,
    private readonly long: LongRequests,
  ) {}

  @Get()
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
