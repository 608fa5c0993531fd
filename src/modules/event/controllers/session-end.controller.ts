import { Body, Controller, Delete, HttpCode, HttpStatus, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { answerWrite } from '../../../common/http/write-result.js';
import { ApiErrors, BODY_ERRORS, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { AnswersWrite } from '../../../common/openapi/api-responses.js';
import { UnknownQueryGuard } from '../../../common/validation/unknown-query.guard.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { CompleteSessionDto, SessionParams, SessionResponse } from '../../session/dto/session.dto.js';
import { CompletionService } from '../services/completion.service.js';
import { DeletionService } from '../services/deletion.service.js';

/** What ends a session, and with it its log: therefore it belongs to the event module. */
@Controller('sessions/:sessionId')
@UseGuards(StoreGuard, UnknownQueryGuard)
export class SessionEndController {
  constructor(
    private readonly completion: CompletionService,
    private readonly deletions: DeletionService,
  ) {}

  @Post('complete')
  @ApiTags('recording')
  @AnswersWrite({ type: SessionResponse, created: HttpStatus.OK })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS)
  @ApiBody({ type: CompleteSessionDto, required: false, description: 'May be left out, or be `{}`.' })
  @ApiOperation({
    summary: 'End a session',
    description:
      'Safe to retry: the first call ends the session, and every other answers how it ended. `finalSequence` includes every event that was acknowledged before; later ones are `late`.',
  })
  async completeSession(
    @Param() { sessionId }: SessionParams,
    @Body() body: CompleteSessionDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionResponse> {
    const result = await this.completion.complete(sessionId, body);
    return answerWrite(response, result, (session) => new SessionResponse(session));
  }

  @Delete()
  @ApiTags('deleting')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'It is deleted, now or before.' })
  @ApiErrors(
    'VALIDATION_FAILED',
    'BAD_REQUEST',
    'CROSS_ORIGIN_REFUSED',
    'SESSION_NOT_FOUND',
    'STORE_UNAVAILABLE',
  )
  @ApiOperation({
    summary: 'Delete a session with all its events',
    description:
      'Permanent, and safe to retry. All later requests for the session get 410 `SESSION_DELETED`, including its creation. Its events leave the store within ten seconds; only its id and the time of deletion stay.',
  })
  async deleteSession(@Param() { sessionId }: SessionParams): Promise<void> {
    await this.deletions.delete(sessionId);
  }
}
