import { Injectable } from '@nestjs/common';
import { SharedTurn } from '../../../common/shared-work.js';
import { CursorPagination } from '../../../common/openapi/cursor-pagination.dto.js';
import { SessionService } from '../../session/services/session.service.js';
import { EventListResponse, TranscriptEvent, type EventListQueryDto } from '../dto/event.dto.js';
import { EventNotFoundError } from '../event.errors.js';
import { EventRepository } from '../repositories/event.repository.js';
import { cursorAfter, toEventQuery } from './event-query.js';
import { EventReader, type Stretch } from './event-reader.js';
import { LogNews } from './log-news.js';
import { SessionLog } from './session-log.js';

/** What a request for events of a log asks for: those after a sequence, of some types. */
interface Wanted {
  readonly after: number;
  readonly limit: number;
  readonly type: Parameters<EventReader['readAfter']>[3];
}

/** Reads the log of a session: as a list, one event, or by waiting for the next one. */
@Injectable()
export class EventListService {
  /** Those that wait at one position are woken together, and share a read. */
  private readonly asked = new SharedTurn<Stretch>();

  constructor(
    private readonly reader: EventReader,
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
    private readonly log: SessionLog,
    private readonly news: LogNews,
  ) {}

  /**
   * Reads a page of the log. If the query has `wait` and the page is empty, it waits for the next event or the end.
   *
   * @param beginToWait called when it starts to wait; its signal ends the waiting.
   * @throws SessionNotFoundError
   * @throws InvalidCursorError
   */
  async list(
    sessionId: string,
    { wait, ...dto }: EventListQueryDto,
    beginToWait: () => AbortSignal,
  ): Promise<EventListResponse> {
    const query = toEventQuery('log', sessionId, dto);
    const { filter, limit } = query;
    const wanted = { after: query.after?.sequence ?? filter.afterSequence ?? 0, limit, type: filter.type };
    const stretch =
      wait === undefined
        ? await this.reader.readAfter(sessionId, wanted.after, limit, wanted.type)
        : await this.waitFor(sessionId, wanted, wait * 1000, beginToWait);
    const { session, events, hasMore } = stretch;
    const nextCursor = hasMore ? cursorAfter('log', sessionId, query, events) : null;
    return EventListResponse.of(session, events, new CursorPagination({ limit, nextCursor }));
  }

  /**
   * Reads an event and then its session, which determines whether it is late.
   *
   * @throws SessionNotFoundError
   * @throws EventNotFoundError
   */
  async find(sessionId: string, eventId: string): Promise<TranscriptEvent> {
    const event = await this.events.findByEventId(sessionId, eventId);
    const session = await this.sessions.get(sessionId);
    if (!event || event.closed) throw new EventNotFoundError(sessionId, eventId);
    return new TranscriptEvent(event, session.finalSequence);
  }

  private async waitFor(
    sessionId: string,
    { after, limit, type }: Wanted,
    ms: number,
    beginToWait: () => AbortSignal,
  ): Promise<Stretch> {
    const until = performance.now() + ms;
    const subscription = this.news.subscribe(sessionId);
    try {
      for (let signal: AbortSignal | undefined; ;) {
        // Events that the filter excludes have been seen, and must not end the wait.
        const seen =
          type === undefined ? after : Math.max(after, (await this.log.tail(sessionId))?.sequence ?? 0);
        const stretch = await this.asked.run(`${sessionId} ${after} ${limit} ${type?.join() ?? ''}`, () =>
          this.reader.readAfter(sessionId, after, limit, type),
        );
        if (stretch.events.length > 0 || stretch.session.endedAt) return stretch;
        signal ??= beginToWait();
        const left = until - performance.now();
        if (left <= 0 || !(await subscription.wait(seen, left, signal))) return stretch;
      }
    } finally {
      subscription.end();
    }
  }
}
