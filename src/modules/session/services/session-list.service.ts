import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../config/load-config.js';
import { limits } from '../../../config/config.js';
import { InvalidCursorError, openCursor, sealCursor } from '../../../common/http/cursor.js';
import { FairQueue } from '../../../database/fair-queue.js';
import { METADATA_PREFIX, SessionQueryDto, type SessionPage } from '../dto/session.dto.js';
import {
  SessionRepository,
  type SessionRange,
  type SessionSlice,
} from '../repositories/session.repository.js';
import { filterablePath, filterableValue } from '../schemas/filterable.js';
import { type Session } from '../schemas/session.schema.js';
import { SESSION_STATUSES } from '../session-status.js';

const LIST = 'sessions';

/**
 * Reads the list of sessions, page by page.
 *
 * With no filter or one, a page is one range of one index (several statuses: one range each, merged), at any depth. With
 * several filters, the index of the first metadata key is read, or else that of the statuses, and each session is checked
 * against the others.
 */
@Injectable()
export class SessionListService {
  constructor(
    private readonly repository: SessionRepository,
    private readonly queue: FairQueue,
    private readonly config: AppConfig,
  ) {}

  /**
   * Reads one page. Over all pages, a session that matches the filters throughout is shown once. One that starts or
   * stops matching meanwhile (its status changes, its metadata is patched) may be shown or not, but not twice, since
   * its place is fixed.
   *
   * @throws InvalidCursorError if the cursor is not ours, or the request has another order or filter than the cursor.
   */
  async list(dto: SessionQueryDto): Promise<SessionPage> {
    const limit = dto.limit ?? limits.DEFAULT_PAGE_SIZE;
    if (dto.cursor === undefined) return this.read(dto, limit);
    const { query, after } = openCursor(dto.cursor, LIST, dto, SessionQueryDto);
    return this.read(query, limit, keyFrom(after));
  }

  private read(query: SessionQueryDto, limit: number, after?: SessionSlice['after']): Promise<SessionPage> {
    return this.queue.run(LIST, async () => {
      const { order = 'desc' } = query;
      const ranges = rangesOf(query);
      const slice = {
        order,
        after,
        limit: limit + 1,
        maxBytes: this.config.MAX_PAGE_BYTES / ranges.length,
        maxTimeMS: this.config.STORE_TIMEOUT_MS,
      };
      const before = by(order);
      const found = new Map<string, Session>();
      let end: Session | undefined; // where a range was cut, as nobody knows what follows it
      // One status after the other, in the order of a session's life, so that a session that moves on meanwhile is found
      // again in the later status, and never missed in both.
      for (const range of ranges) {
        const { documents, cut } = await this.repository.findInRange(range, slice);
        for (const session of documents) found.set(session.sessionId, session);
        const last = documents.at(-1);
        if (cut && last && (!end || before(last, end) < 0)) end = last;
      }
      const shown = [...found.values()]
        .sort(before)
        .filter((session) => !end || before(session, end) <= 0)
        .slice(0, limit);
      const last = shown.length < found.size || end ? shown.at(-1) : undefined;
      const key = last && [last.startedAt.getTime(), last.sessionId];
      return { sessions: shown, limit, nextCursor: key ? sealCursor(LIST, { ...query, order }, key) : null };
    });
  }
}

/** The index ranges to read: one, or one for each status. */
function rangesOf({ status, from, to, ...query }: SessionQueryDto): SessionRange[] {
  // Each status once, in the order of a session's life.
  const statuses = status && SESSION_STATUSES.filter((known) => status.includes(known));
  const [along, ...others] = limits.METADATA_FILTER_KEYS.flatMap((key): [string, string][] => {
    const value = query[`${METADATA_PREFIX}${key}`];
    return value === undefined ? [] : [[filterablePath(key), filterableValue(value)]];
  });
  if (!along && statuses) return statuses.map((one) => ({ along: ['status', one], beside: [], from, to }));
  const beside = others.map(([path, value]): [string, string[]] => [path, [value]]);
  return [{ along, beside: statuses ? [...beside, ['status', statuses]] : beside, from, to }];
}

function by(order: 'asc' | 'desc') {
  const sign = order === 'asc' ? 1 : -1;
  return (a: Session, b: Session): number =>
    a.sessionId === b.sessionId
      ? 0
      : sign * (a.startedAt.getTime() - b.startedAt.getTime() || (a.sessionId < b.sessionId ? -1 : 1));
}

function keyFrom([startedAt, sessionId]: readonly unknown[]): NonNullable<SessionSlice['after']> {
  const time = new Date(typeof startedAt === 'number' ? startedAt : NaN);
  const isId = typeof sessionId === 'string' && sessionId.length <= limits.MAX_ID_LENGTH;
  if (Number.isNaN(time.getTime()) || !isId) throw new InvalidCursorError();
  return { startedAt: time, sessionId };
}
