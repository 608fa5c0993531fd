import { Injectable } from '@nestjs/common';
import { type EventQueryDto } from '../../event/dto/event.dto.js';
import { EventReader } from '../../event/reading/event-reader.js';
import { toEventQuery } from '../../event/reading/to-event-query.js';
import { TranscriptResponse } from '../dto/transcript.dto.js';

/** Reads a session together with its events. */
@Injectable()
export class TranscriptService {
  constructor(private readonly events: EventReader) {}

  /**
   * Reads a session and one page of its events, which agree with each other.
   *
   * @throws SessionNotFoundError
   * @throws InvalidCursorError
   */
  async read(sessionId: string, dto: EventQueryDto): Promise<TranscriptResponse> {
    const { session, page } = await this.events.read(sessionId, toEventQuery(sessionId, dto));
    return new TranscriptResponse(session, page);
  }
}
