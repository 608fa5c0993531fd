import { Body, Controller, HttpStatus, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { PreferredHandling, type Handling } from '../../../common/http/prefer-header.js';
import { AnswersWrite } from '../../../common/openapi/api-responses.js';
import { ApiErrors, BODY_ERRORS, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { answerWrite } from '../../../common/http/write-result.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { AppendEventDto } from '../dto/append-event.dto.js';
import { EventResponse } from '../dto/event-response.dto.js';
import { EventService } from '../services/event.service.js';

@ApiTags('recording')
@Controller('sessions/:sessionId/events')
@UseGuards(StoreGuard)
export class EventController {
  constructor(private readonly eventService: EventService) {}

  @Post()
  @AnswersWrite({ type: EventResponse, createdStatus: HttpStatus.CREATED, honoursHandling: true })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS, 'EVENT_CONFLICT')
  @ApiOperation({
    operationId: 'appendEvent',
    summary: 'Append an event',
    description:
      'Safe to retry: the same `eventId` again answers with the stored event. Events are accepted after the end of the session too, since the last words of a call often arrive after the hang-up. The first event makes the session `active`.',
  })
  async append(
    @Param() { sessionId }: SessionParams,
    @Body() body: AppendEventDto,
    @PreferredHandling() handling: Handling,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EventResponse> {
    const result = await this.eventService.append(sessionId, body, handling);
    return answerWrite(response, result, (event) => new EventResponse(event));
  }
}
