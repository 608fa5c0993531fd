import { Controller, Get, Param, Query, Res, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { StoreGuard } from '../../../database/store.guard.js';
import { LongRequests } from '../../../common/http/long-requests.js';
import { ApiErrors, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { EventListQueryDto, MAX_WAIT_SECONDS } from '../dto/event-list-query.dto.js';
import { EventListResponse } from '../dto/event-list-response.dto.js';
import { EventParams } from '../dto/event-params.dto.js';
import { TranscriptEvent } from '../dto/transcript-event.dto.js';
import { EventListService } from '../services/event-list.service.js';

@ApiTags('reading')
@Controller('sessions/:sessionId/events')
@UseGuards(StoreGuard)
export class EventListController {
  constructor(
    private readonly events: EventListService,
    private readonly long: LongRequests,
  ) {}

  @Get()
  @ApiOkResponse({
    type: EventListResponse,
    description: 'A page of the log; empty if no event came in time.',
  })
  @ApiErrors(...SESSION_ERRORS, 'INVALID_CURSOR', 'TOO_MANY_FOLLOWERS')
  @ApiOperation({
    operationId: 'listEvents',
    summary: 'Read the log of a session, or wait for the next event',
    description:
      'By sequence. Start with `afterSequence` or `cursor`. With `wait`, the response comes as soon as there are further events, or the session has ended.',
  })
  async list(
    @Param() { sessionId }: SessionParams,
    @Query() query: EventListQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EventListResponse> {
    return this.events.list(sessionId, query, () => this.long.begin(response, MAX_WAIT_SECONDS * 1000));
  }

  @Get(':eventId')
  @ApiOkResponse({ type: TranscriptEvent, description: 'The event.' })
  @ApiErrors(...SESSION_ERRORS, 'EVENT_NOT_FOUND')
  @ApiOperation({
    operationId: 'readEvent',
    summary: 'Read an event',
    description:
      'An event with the id `stream` can be read only through the list, since that path is the stream.',
  })
  async read(@Param() { sessionId, eventId }: EventParams): Promise<TranscriptEvent> {
    return this.events.find(sessionId, eventId);
  }
}
