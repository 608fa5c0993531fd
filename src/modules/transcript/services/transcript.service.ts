import { Injectable } from '@nestjs/common';
import { type EventQueryDto } from '../../event/dto/event.dto.js';
import { toEventQuery } from '../../event/services/event-query.js';
import { EventReader } from '../../event/services/event-reader.js';
import { SessionListResponse, type SessionQueryDto } from '../../session/dto/session.dto.js';
import { SessionListService } from '../../session/services/session-list.service.js';
import { TranscriptResponse } from '../dto/transcript.dto.js';

/** Reads sessions together with what happened in them. */
@Injectable()
export class TranscriptService {
  constructor(
    private readonly events: EventReader,
    private readonly sessions: SessionListService,
  ) {}

  /**
   * Reads a session and one page of its events, which agree with each other.
   *
   * @throws SessionNotFoundError
   * @throws InvalidCursorError
   */
  async read(sessionId: string, dto: EventQueryDto): Promise<TranscriptResponse> {
    return new TranscriptResponse(await this.events.read(sessionId, toEventQuery('events', sessionId, dto)));
  }

  /** One page of the list of sessions. @throws InvalidCursorError */
  async list(dto: SessionQueryDto): Promise<SessionListResponse> {
    const page = await this.sessions.list(dto);
    const ids = page.sessions.map(({ sessionId }) => sessionId);
    return new SessionListResponse(page, dto.include ? await this.events.activityOf(ids) : []);
  }
}
