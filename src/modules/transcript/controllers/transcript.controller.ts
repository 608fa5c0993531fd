import { Controller, Get, Param, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Request, type Response } from 'express';
import { LongRequests } from '../../../common/http/long-requests.js';
import { sendStream } from '../../../common/http/stream.js';
import { ApiErrors, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { headers } from '../../../common/openapi/headers.js';
import { UnknownQueryGuard } from '../../../common/validation/unknown-query.guard.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { EventQueryDto } from '../../event/dto/event.dto.js';
import { SessionListResponse, SessionParams, SessionQueryDto } from '../../session/dto/session.dto.js';
import { TranscriptQueryDto, TranscriptResponse } from '../dto/transcript.dto.js';
import { ExportService } from '../services/export.service.js';
import {
  TRANSCRIPT_FORMATS,
  TRANSCRIPT_TYPES,
  type TranscriptFormat,
} from '../services/transcript-formats.js';
import { TranscriptService } from '../services/transcript.service.js';

/** Lines of JSON: https://github.com/ndjson/ndjson-spec. */
const NDJSON = 'application/x-ndjson';

/** Sessions together with their events: a list (which can show what happened in them), one, or all of one. */
@ApiTags('reading')
@Controller('sessions')
@UseGuards(StoreGuard, UnknownQueryGuard)
export class TranscriptController {
  constructor(
    private readonly transcripts: TranscriptService,
    private readonly exports: ExportService,
    private readonly long: LongRequests,
  ) {}

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

  @Get(':sessionId')
  @ApiOkResponse({ type: TranscriptResponse, headers: headers('Vary') })
  @ApiErrors(...SESSION_ERRORS, 'INVALID_CURSOR')
  @ApiOperation({
    summary: 'Read a session with a page of its events',
    description:
      'By `page` or by `cursor`. Reading by cursor shows every event that existed at the start exactly once, even while others append, and costs the same at any depth.',
  })
  readSession(
    @Param() { sessionId }: SessionParams,
    @Query() query: EventQueryDto,
  ): Promise<TranscriptResponse> {
    return this.transcripts.read(sessionId, query);
  }

  @Get(':sessionId/export')
  @ApiOkResponse({
    description:
      'One JSON object per line: the session, its events by sequence, and finally `{ "end": true, "events": n }`. Without this last line, the export was cut off.',
    content: { [NDJSON]: { schema: { type: 'string' } } },
  })
  @ApiErrors(...SESSION_ERRORS, 'TOO_MANY_FOLLOWERS')
  @ApiOperation({
    summary: 'Export a session with all its events',
    description:
      'The session as of this request, whatever its size. `npm run import` imports it. The response breaks off if the session is deleted meanwhile.',
  })
  async exportSession(@Param() { sessionId }: SessionParams, @Res() response: Response): Promise<void> {
    const begin = await this.exports.open(sessionId);
    await sendStream(response, NDJSON, () => begin(this.long.begin(response, 0)));
  }

  @Get(':sessionId/transcript')
  @ApiOkResponse({
    description: 'What was said, in the format asked for.',
    content: {
      'text/plain': { schema: { type: 'string' } },
      'text/vtt': { schema: { type: 'string' } },
      'application/x-subrip': { schema: { type: 'string' } },
      'application/vcon': { schema: { type: 'object' } },
    },
  })
  @ApiErrors(...SESSION_ERRORS, 'TOO_MANY_FOLLOWERS')
  @ApiOperation({
    summary: 'Read what was said',
    description:
      'For people and other programs, whatever the size, in the order of the clock: a line a turn, WebVTT, SubRip, or a vCon of the IETF, which `npm run import -- --from vcon` imports. Of turns that supersede each other, the newest is at the place of the first. The format is that of `format`, or else of `Accept`.',
  })
  async readTranscript(
    @Param() { sessionId }: SessionParams,
    @Query() { format }: TranscriptQueryDto,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const wanted = format ?? acceptedFormat(request);
    const begin = await this.exports.openTranscript(sessionId, wanted);
    response.vary('Accept');
    await sendStream(response, TRANSCRIPT_TYPES[wanted], () => begin(this.long.begin(response, 0)));
  }
}

/** The first format that the client accepts, or text. */
function acceptedFormat(request: Request): TranscriptFormat {
  const types = TRANSCRIPT_FORMATS.map((format) => TRANSCRIPT_TYPES[format].split(';')[0] ?? '');
  const type = request.accepts(types);
  return TRANSCRIPT_FORMATS[type === false ? 0 : types.indexOf(type)] ?? 'text';
}
