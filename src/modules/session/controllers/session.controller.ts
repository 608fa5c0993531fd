import { Body, Controller, Get, HttpStatus, Param, Patch, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Response } from 'express';
import { PreferredHandling, type Handling } from '../../../common/http/prefer-header.js';
import { AnswersJsonOrPage, AnswersWrite } from '../../../common/openapi/api-responses.js';
import { ApiErrors, BODY_ERRORS, SESSION_ERRORS } from '../../../common/openapi/api-errors.js';
import { MERGE_PATCH } from '../../../common/http/json-body.js';
import { answerWrite } from '../../../common/http/write-result.js';
import { jsonOrPage } from '../../../pages/page.js';
import { StoreGuard } from '../../../database/store.guard.js';
import { CreateSessionDto } from '../dto/create-session.dto.js';
import { PatchSessionDto } from '../dto/patch-session.dto.js';
import { SessionListResponse } from '../dto/session-list.dto.js';
import { SessionParams } from '../dto/session-params.dto.js';
import { SessionQueryDto } from '../dto/session-query.dto.js';
import { SessionResponse } from '../dto/session-response.dto.js';
import { sessionsPage } from '../page/sessions.page.js';
import { PatchService } from '../services/patch.service.js';
import { SessionListService } from '../services/session-list.service.js';
import { SessionService } from '../services/session.service.js';

@Controller('sessions')
@UseGuards(StoreGuard)
export class SessionController {
  constructor(
    private readonly sessions: SessionService,
    private readonly lists: SessionListService,
    private readonly patches: PatchService,
  ) {}

  @Post()
  @ApiTags('recording')
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

  @Get()
  @ApiTags('reading')
  @AnswersJsonOrPage(SessionListResponse)
  @ApiErrors('VALIDATION_FAILED', 'INVALID_CURSOR', 'STORE_UNAVAILABLE')
  @ApiOperation({
    operationId: 'listSessions',
    summary: 'List sessions',
    description:
      'By `startedAt`, newest first. Reading by cursor shows every session that existed at the start once; with no filter or one, a page costs the same at any depth. A session that starts or stops matching the filters meanwhile may be shown or not. Filter by metadata with `metadata.<key>=<value>`, for the keys in METADATA_FILTER_KEYS. The whole text must be equal.',
  })
  async list(
    @Query() query: SessionQueryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionListResponse | string> {
    const page = await this.lists.list(query);
    return jsonOrPage(response, new SessionListResponse(page), sessionsPage);
  }

  @Patch(':sessionId')
  @ApiTags('recording')
  @ApiOkResponse({ type: SessionResponse, description: 'The session as it is now.' })
  @ApiErrors(...BODY_ERRORS, ...SESSION_ERRORS)
  @ApiConsumes(MERGE_PATCH)
  @ApiOperation({
    operationId: 'patchSession',
    summary: 'Change the metadata of a session',
    description:
      'A JSON Merge Patch (RFC 7396), also after the end. Concurrent patches of different keys are all kept. Repeating a patch changes nothing, unless another client has changed the same keys meanwhile. A repeated creation is still compared with what the session was created with.',
  })
  async patch(
    @Param() { sessionId }: SessionParams,
    @Body() patch: PatchSessionDto,
  ): Promise<SessionResponse> {
    return new SessionResponse(await this.patches.patch(sessionId, patch));
  }
}
