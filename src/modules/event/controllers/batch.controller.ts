import { Body, Controller, HttpStatus, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { AnswersWrite } from '../../../common/openapi/api-responses.js';
import { ApiErrors, BODY_ERRORS, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { answerWrites } from '../../../common/http/write-result.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { AppendBatchDto } from '../dto/append-batch.dto.js';
import { BatchResponse } from '../dto/batch-response.dto.js';
import { EventService } from '../services/event.service.js';

@ApiTags('recording')
@Controller('sessions/:sessionId/events/batch')
@UseGuards(StoreGuard)
export class BatchController {
  constructor(private readonly eventService: EventService) {}

  @Post()
  @AnswersWrite({ type: BatchResponse, createdStatus: HttpStatus.CREATED, honoursHandling: false })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS)
  @ApiOperation({
    operationId: 'appendBatch',
    summary: 'Append several events in one request',
    description:
      'If one event is invalid, none is stored. Otherwise they are stored in the order given, with one result each; 201 if any was new. Safe to retry: after a 5xx or no response, the first events may be stored. `Prefer: handling=strict` is ignored.',
  })
  async append(
    @Param() { sessionId }: SessionParams,
    @Body() { events }: AppendBatchDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BatchResponse> {
    const results = await this.eventService.appendBatch(sessionId, events);
    return answerWrites(response, results, (all) => new BatchResponse(all));
  }
}
