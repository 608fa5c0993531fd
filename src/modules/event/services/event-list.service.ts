import { Injectable } from '@nestjs/common';
import { typesOf } from '../reading/event-query.js';
import { config } from '../../../config/config.js';
import { CursorPagination } from '../../../common/openapi/cursor-pagination.dto.js';
import { EventListResponse, TranscriptEvent, type EventListQueryDto } from '../dto/event.dto.js';
import { EventNotFoundError } from '../event.errors.js';
import { decodeLogCursor, encodeLogCursor, type LogSelection } from '../following/log-cursor.js';
import { LogNews } from '../following/log-news.js';
import { LogReader, type Stretch } from '../following/log-reader.js';
import { SessionLog } from '../log/session-log.js';

/** A request for events of a log. */
interface ListQuery {
  readonly selection: LogSelection;
  /** The sequence after which the page begins. */
  readonly after: number;
  readonly limit: number;
}

/** Reads the log of a session: as a list, one event, or by waiting for the next one. */
@Injectable()
export class EventListService {
  constructor(
    private readonly reader: LogReader,
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
    dto: EventListQueryDto,
    beginToWait: () => AbortSignal,
  ): Promise<EventListResponse> {
    const query = toListQuery(sessionId, dto);
    const stretch =
      dto.wait === undefined
        ? await this.reader.readAfter(sessionId, query.after, query.limit, query.selection.type)
        : await this.waitFor(sessionId, query, dto.wait * 1000, beginToWait);
    const { session, events, hasMore } = stretch;
    const last = hasMore ? events.at(-1)?.sequence : undefined;
    const nextCursor = last === undefined ? null : encodeLogCursor(sessionId, query.selection, last);
    return new EventListResponse(session, events, new CursorPagination({ limit: query.limit, nextCursor }));
  }

  /**
   * Reads an event and then its session, which determines whether it is late.
   *
   * @throws SessionNotFoundError
   * @throws EventNotFoundError
   */
  async find(sessionId: string, eventId: string): Promise<TranscriptEvent> {
    const { event, session } = await this.reader.find(sessionId, eventId);
    if (!event) throw new EventNotFoundError(sessionId, eventId);
    return new TranscriptEvent(event, session.finalSequence);
  }

  private async waitFor(
    sessionId: string,
    { after, limit, selection: { type } }: ListQuery,
    ms: number,
    beginToWait: () => AbortSignal,
  ): Promise<Stretch> {
    const until = performance.now() + ms;
    const subscription = this.news.subscribe(sessionId);
    try {
      for (let signal: AbortSignal | undefined; ;) {
        // Events that the filter excludes have been seen, and must not end the wait.
        const seen = type === undefined ? after : Math.max(after, await this.log.lastSequence(sessionId));
        const stretch = await this.reader.readAfter(sessionId, after, limit, type);
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

function toListQuery(
  sessionId: string,
  { cursor, limit, type, afterSequence }: EventListQueryDto,
): ListQuery {
  const asked = { type: typesOf(type), afterSequence };
  return {
    ...(cursor === undefined
      ? { selection: asked, after: afterSequence ?? 0 }
      : decodeLogCursor(cursor, sessionId, asked)),
    limit: limit ?? config.limits.defaultPageSize,
  };
}
