import { Body, Controller, HttpStatus, Param, Post, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { PreferredHandling, type Handling } from '../../../common/http/prefer-header.js';
import { AnswersWrite } from '../../../common/http/write-result.interceptor.js';
import { ApiErrors, BODY_ERRORS } from '../../../common/openapi/api-errors.js';
import { mapResource, type WriteResult } from '../../../common/write-result.js';
import { StoreReadyGuard } from '../../../database/store-ready.guard.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { AppendEventDto } from '../dto/append-event.dto.js';
import { EventResponse } from '../dto/event-response.dto.js';
import { EventService } from '../services/event.service.js';

@ApiTags('events')
@Controller('sessions/:sessionId/events')
@UseGuards(StoreReadyGuard)
export class EventController {
  constructor(private readonly events: EventService) {}

  @Post()
  @AnswersWrite({ type: EventResponse, createdStatus: HttpStatus.CREATED, honoursHandling: true })
  @ApiErrors(...BODY_ERRORS, 'SESSION_NOT_FOUND', 'EVENT_CONFLICT', 'STORE_UNAVAILABLE')
  @ApiOperation({
    operationId: 'appendEvent',
    summary: 'Append an event',
    description:
      'Safe to retry: the same `eventId` again answers with the stored event. Taken after the end of the session too: the last words of a call often arrive after the hang-up. The first one makes the session `active`.',
  })
  async append(
    @Param() { sessionId }: SessionParams,
    @Body() body: AppendEventDto,
    @PreferredHandling() handling: Handling,
  ): Promise<WriteResult<EventResponse>> {
    return mapResource(
      await this.events.append(sessionId, body, handling),
      (event) => new EventResponse(event),
    );
  }
}
