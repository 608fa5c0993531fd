import { Injectable } from '@nestjs/common';
import { type EventQueryDto } from '../../event/dto/event-query.dto.js';
import { EventReader } from '../../event/reading/event-reader.js';
import { toEventQuery } from '../../event/reading/to-event-query.js';
import { SessionService } from '../../session/services/session.service.js';
import { TranscriptResponse } from '../dto/transcript-response.dto.js';

/** A session read together with its events. */
@Injectable()
export class TranscriptService {
  constructor(
    private readonly sessions: SessionService,
    private readonly events: EventReader,
  ) {}

  /**
   * Reads a session and one page of its events, side by side, and makes sure that the two do not contradict each
   * other: what turns out to be older than the other part shows is read again, which then is newer.
   *
   * @throws SessionNotFoundError
   * @throws InvalidCursorError
   */
  async read(sessionId: string, dto: EventQueryDto): Promise<TranscriptResponse> {
    const query = toEventQuery(sessionId, dto);
    let [session, page] = await Promise.all([
      this.sessions.get(sessionId),
      this.events.read(sessionId, query),
    ]);
    // Events, but the session was read before the first of them was stored.
    if (session.status === 'initiated' && page.seenThrough > 0) session = await this.sessions.get(sessionId);
    // An end, but the page was read before the last event that it counts was stored.
    if ((session.finalSequence ?? 0) > page.seenThrough) page = await this.events.read(sessionId, query);
    return new TranscriptResponse(session, page);
  }
}
