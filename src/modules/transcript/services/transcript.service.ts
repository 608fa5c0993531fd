import { Injectable } from '@nestjs/common';
import { type EventQueryDto } from '../../event/dto/event-query.dto.js';
import { toEventQuery } from '../../event/services/event-query.js';
import { EventReader } from '../../event/services/event-reader.js';
import { TranscriptResponse } from '../dto/transcript-response.dto.js';

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
    return new TranscriptResponse(await this.events.read(sessionId, toEventQuery('events', sessionId, dto)));
  }
}
