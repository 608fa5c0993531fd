import { Body, Controller, HttpStatus, Post, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { PreferredHandling, type Handling } from '../../../http/prefer-header.js';
import { AnswersWrite } from '../../../openapi/api-answers.js';
import { ApiErrors, BODY_ERRORS } from '../../../openapi/api-errors.js';
import { answerWrite } from '../../../http/write-result.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { CreateSessionDto } from '../dto/create-session.dto.js';
import { SessionResponse } from '../dto/session-response.dto.js';
import { SessionService } from '../services/session.service.js';

@ApiTags('sessions')
@Controller('sessions')
@UseGuards(StoreGuard)
export class SessionController {
  constructor(private readonly sessions: SessionService) {}

  @Post()
  @AnswersWrite({
    type: SessionResponse,
    createdStatus: HttpStatus.CREATED,
    honoursHandling: true,
    location: true,
  })
  @ApiErrors(...BODY_ERRORS, 'SESSION_DELETED', 'SESSION_CONFLICT', 'STORE_UNAVAILABLE')
  @ApiOperation({
    operationId: 'createSession',
    summary: 'Create a session',
    description:
      'Safe to retry: the same `sessionId` again answers with the stored session, unchanged and not merged.',
  })
  async create(
    @Body() body: CreateSessionDto,
    @PreferredHandling() handling: Handling,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionResponse> {
    const result = await this.sessions.create(body, handling);
    const location = `/sessions/${encodeURIComponent(body.sessionId)}`;
    return answerWrite(response, result, (session) => new SessionResponse(session), location);
  }
}
