import { Body, Controller, HttpStatus, Param, Patch, Post, Res, UseGuards } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { Prefers } from '../../../common/http/prefer-header.js';
import { AnswersWrite, PREFER_STRICT } from '../../../common/openapi/api-responses.js';
import { ApiErrors, BODY_ERRORS, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { MERGE_PATCH } from '../../../common/http/json-body.js';
import { answerWrite } from '../../../common/http/write-result.js';
import { UnknownQueryGuard } from '../../../common/validation/unknown-query.guard.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { CreateSessionDto, PatchSessionDto, SessionParams, SessionResponse } from '../dto/session.dto.js';
import { PatchService } from '../services/patch.service.js';
import { SessionService } from '../services/session.service.js';

@Controller('sessions')
@UseGuards(StoreGuard, UnknownQueryGuard)
export class SessionController {
  constructor(
    private readonly sessions: SessionService,
    private readonly patches: PatchService,
  ) {}

  @Post()
  @ApiTags('recording')
  @AnswersWrite({
    type: SessionResponse,
    created: HttpStatus.CREATED,
    prefer: PREFER_STRICT,
    location: true,
  })
  @ApiErrors(...BODY_ERRORS, 'SESSION_DELETED', 'SESSION_CONFLICT', 'STORE_UNAVAILABLE')
  @ApiOperation({
    summary: 'Create a session',
    description:
      'Safe to retry: the same `sessionId` again answers with the stored session, unchanged and not merged.',
  })
  async createSession(
    @Body() body: CreateSessionDto,
    @Prefers('strict') strict: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionResponse> {
    const result = await this.sessions.create(body, strict);
    const location = `/sessions/${encodeURIComponent(body.sessionId)}`;
    return answerWrite(response, result, (session) => new SessionResponse(session), location);
  }

  @Patch(':sessionId')
  @ApiTags('recording')
  @ApiOkResponse({ type: SessionResponse, description: 'The session as it is now.' })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS)
  @ApiConsumes(MERGE_PATCH)
  @ApiOperation({
    summary: 'Change the metadata or the language of a session',
    description:
      'A JSON Merge Patch (RFC 7396) of the metadata, also after the end. Concurrent patches of different keys are all kept. A patch is not a replay of another one: of two that change the same key, the one that arrives last wins, also if it was sent first. A repeated creation is still compared with what the session was created with.',
  })
  async patchSession(
    @Param() { sessionId }: SessionParams,
    @Body() patch: PatchSessionDto,
  ): Promise<SessionResponse> {
    return new SessionResponse(await this.patches.patch(sessionId, patch));
  }
}
