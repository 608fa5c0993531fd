import { Controller, Get, HttpStatus, Param, Query, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { StoreGuard } from '../../../database/store.guard.js';
import { LastEventId, sendEventStream } from '../../../common/http/event-stream.js';
import { LongRequests } from '../../../common/http/long-requests.js';
import { ApiErrors, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { EventStreamQueryDto } from '../dto/event-list-query.dto.js';
import { LogStream } from '../services/log-stream.js';

@ApiTags('reading')
@Controller('sessions/:sessionId/events/stream')
@UseGuards(StoreGuard)
export class EventStreamController {
  constructor(
    private readonly streams: LogStream,
    private readonly long: LongRequests,
  ) {}

  @Get()
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
    operationId: 'followSession',
    summary: 'Follow a session as it happens',
    description:
      'For an `EventSource`. Starts after `Last-Event-ID`, otherwise after `afterSequence`, otherwise with the first event. Shows each event once, by sequence, whichever instance stored it.',
  })
  async follow(
    @Param() { sessionId }: SessionParams,
    @Query() { afterSequence = 0 }: EventStreamQueryDto,
    @LastEventId() lastEventId: number | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const start = { after: lastEventId ?? afterSequence, resumed: lastEventId !== undefined };
    const begin = await this.streams.open(sessionId, start);
    if (begin) await sendEventStream(response, () => begin(this.long.begin(response, this.streams.quietMs)));
    else response.status(HttpStatus.NO_CONTENT).end();
  }
}
