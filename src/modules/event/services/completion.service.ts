import { Injectable } from '@nestjs/common';
import { type WriteResult } from '../../../common/http/write-result.js';
import { type CompleteSessionDto } from '../../session/dto/session.dto.js';
import { SessionService, type Session } from '../../session/services/session.service.js';
import { LogNews } from './log-news.js';
import { SessionLog } from './session-log.js';

/** Ends sessions. It belongs to the event module, since the end records where the log ended. */
@Injectable()
export class CompletionService {
  constructor(
    private readonly log: SessionLog,
    private readonly sessions: SessionService,
    private readonly news: LogNews,
  ) {}

  /**
   * Ends a session once; a replay finds how it ended.
   *
   * Its `finalSequence` is the tail as read here, after the request arrived. So it covers every event acknowledged
   * before, and events with a higher sequence are late by definition. This takes no lock and no fence.
   *
   * @throws SessionNotFoundError
   * @throws ValidationFailedError if it would end before it began.
   */
  async complete(sessionId: string, dto: CompleteSessionDto): Promise<WriteResult<Session>> {
    const tail = await this.log.tail(sessionId);
    const result = await this.sessions.end(sessionId, tail?.sequence ?? 0, dto);
    this.news.tell(sessionId);
    return result;
  }
}
