import { Body, Controller, HttpStatus, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { AnswersWrite } from '../../../common/openapi/api-responses.js';
import { ApiErrors, BODY_ERRORS, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { answerWrite } from '../../../common/http/write-result.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { CompleteSessionDto } from '../../session/dto/complete-session.dto.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { SessionResponse } from '../../session/dto/session-response.dto.js';
import { CompletionService } from '../services/completion.service.js';

@ApiTags('recording')
@Controller('sessions/:sessionId/complete')
@UseGuards(StoreGuard)
export class CompletionController {
  constructor(private readonly completion: CompletionService) {}

  @Post()
  @AnswersWrite({ type: SessionResponse, createdStatus: HttpStatus.OK, honoursHandling: false })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS)
  @ApiBody({ type: CompleteSessionDto, required: false, description: 'May be left out, or be `{}`.' })
  @ApiOperation({
    operationId: 'completeSession',
    summary: 'End a session',
    description:
      'Safe to retry: the first call ends the session, and every other answers how it ended. `finalSequence` includes every event that was acknowledged before; later ones are `late`.',
  })
  async complete(
    @Param() { sessionId }: SessionParams,
    @Body() body: CompleteSessionDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionResponse> {
    const result = await this.completion.complete(sessionId, body);
    return answerWrite(response, result, (session) => new SessionResponse(session));
  }
}
