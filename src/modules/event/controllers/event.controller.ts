import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { EVENT_STREAM, sequenceIn } from '../../../common/http/event-stream.js';
import { sendStream } from '../../../common/http/stream.js';
import { LongRequests } from '../../../common/http/long-requests.js';
import { Prefers } from '../../../common/http/prefer-header.js';
import { answerWrite, answerWrites } from '../../../common/http/write-result.js';
import { ApiErrors, BODY_ERRORS, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { AnswersWrite, PREFER_LENIENT, PREFER_STRICT } from '../../../common/openapi/api-responses.js';
import { UnknownQueryGuard } from '../../../common/validation/unknown-query.guard.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { SessionParams } from '../../session/dto/session.dto.js';
import {
  AppendBatchDto,
  AppendEventDto,
  BatchResponse,
  CheckedBatch,
  EventListQueryDto,
  EventListResponse,
  EventParams,
  EventResponse,
  EventStreamQueryDto,
  MAX_WAIT_SECONDS,
  TranscriptEvent,
} from '../dto/event.dto.js';
import { LogStream } from '../services/log-stream.js';
import { EventListService } from '../services/event-list.service.js';
import { EventService } from '../services/event.service.js';

/** The log of a session: appending to it, reading and following it. */
@Controller('sessions/:sessionId/events')
@UseGuards(StoreGuard, UnknownQueryGuard)
export class EventController {
  constructor(
    private readonly events: EventService,
    private readonly lists: EventListService,
    private readonly streams: LogStream,
    private readonly long: LongRequests,
  ) {}

  @Post()
  @ApiTags('recording')
  @AnswersWrite({ type: EventResponse, created: HttpStatus.CREATED, prefer: PREFER_STRICT })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS, 'EVENT_CONFLICT')
  @ApiOperation({
    summary: 'Append an event',
    description:
      'Safe to retry: the same `eventId` again answers with the stored event. Events are accepted after the end of the session too, since the last words of a call often arrive after the hang-up. The first event makes the session `active`.',
  })
  async appendEvent(
    @Param() { sessionId }: SessionParams,
    @Body() body: AppendEventDto,
    @Prefers('strict') strict: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EventResponse> {
    const result = await this.events.append(sessionId, body, strict);
    return answerWrite(response, result, (event) => new EventResponse(event));
  }

  @Post('batch')
  @ApiTags('recording')
  @AnswersWrite({ type: BatchResponse, created: HttpStatus.CREATED, prefer: PREFER_LENIENT })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS)
  @ApiOperation({
    summary: 'Append several events in one request',
    description:
      'If one event is invalid, none is stored, unless the request has `Prefer: handling=lenient`. They are stored in the order given, with one result each; 201 if any was new. Safe to retry: after a 5xx or no response, the first events may be stored. `Prefer: handling=strict` is ignored.',
  })
  async appendBatch(
    @Param() { sessionId }: SessionParams,
    @Body() body: AppendBatchDto,
    @Prefers('lenient') lenient: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BatchResponse> {
    const batch = new CheckedBatch(body, lenient);
    const results = await this.events.appendBatch(sessionId, batch.valid);
    answerWrites(response, results);
    return batch.answer(results);
  }

  @Get()
  @ApiTags('reading')
  @ApiOkResponse({
    type: EventListResponse,
    description: 'A page of the log; empty if no event came in time.',
  })
  @ApiErrors(...SESSION_ERRORS, 'INVALID_CURSOR', 'TOO_MANY_FOLLOWERS')
  @ApiOperation({
    summary: 'Read the log of a session, or wait for the next event',
    description:
      'By sequence. Start with `afterSequence` or `cursor`. With `wait`, the response comes as soon as there are further events, or the session has ended.',
  })
  async listEvents(
    @Param() { sessionId }: SessionParams,
    @Query() query: EventListQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EventListResponse> {
    return this.lists.list(sessionId, query, () => this.long.begin(response, MAX_WAIT_SECONDS * 1000));
  }

  @Get('stream') // before the next one, which would take it for an eventId
  @ApiTags('reading')
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description:
      'The sequence of the last event the client has. An `EventSource` sends it when it reconnects.',
    schema: { type: 'integer', minimum: 0 },
  })
  @ApiOkResponse({
    description:
      'Server-sent events: `id` is the sequence, `event` is `event`, `data` is the event. A comment is sent every 15 seconds. At the end comes `event: session` with the session, without an id, and the stream closes.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiNoContentResponse({ description: 'The session has ended, and the client has seen all of it.' })
  @ApiErrors(...SESSION_ERRORS, 'TOO_MANY_FOLLOWERS')
  @ApiOperation({
    summary: 'Follow a session as it happens',
    description:
      'For an `EventSource`. Starts after `Last-Event-ID`, otherwise after `afterSequence`, otherwise with the first event. Shows each event once, by sequence, whichever instance stored it.',
  })
  async followSession(
    @Param() { sessionId }: SessionParams,
    @Query() { afterSequence = 0 }: EventStreamQueryDto,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const resumed = lastEventId !== undefined;
    const start = { after: resumed ? sequenceIn(lastEventId) : afterSequence, resumed };
    const begin = await this.streams.open(sessionId, start);
    if (begin) {
      const { quietMs } = this.streams;
      await sendStream(response, EVENT_STREAM, () => begin(this.long.begin(response, quietMs)));
    } else response.status(HttpStatus.NO_CONTENT).end();
  }

  @Get(':eventId')
  @ApiTags('reading')
  @ApiOkResponse({ type: TranscriptEvent, description: 'The event.' })
  @ApiErrors(...SESSION_ERRORS, 'EVENT_NOT_FOUND')
  @ApiOperation({
    summary: 'Read an event',
    description:
      'An event with the id `stream` can be read only through the list, since that path is the stream.',
  })
  async readEvent(@Param() { sessionId, eventId }: EventParams): Promise<TranscriptEvent> {
    return this.lists.find(sessionId, eventId);
  }

  @Delete(':eventId')
  @ApiTags('deleting')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Its content is removed, now or before.' })
  @ApiErrors(...SESSION_ERRORS, 'CROSS_ORIGIN_REFUSED', 'EVENT_NOT_FOUND')
  @ApiOperation({
    summary: 'Remove the content of an event',
    description:
      'Permanent, and safe to retry. The event keeps its place, ids, type and times; its `payload` is empty from then on, and `redactedAt` is set. A retry of the append brings nothing back.',
  })
  async redactEvent(@Param() { sessionId, eventId }: EventParams): Promise<void> {
    await this.events.redact(sessionId, eventId);
  }
}
