import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../config/load-config.js';
import { limits } from '../../../config/config.js';
import {
  expectUnderstood,
  InvalidCursorError,
  openCursor,
  sealCursor,
  type Selection,
} from '../../../common/http/cursor.js';
import { FairQueue } from '../../../database/fair-queue.js';
import { METADATA_PREFIX, type SessionPage, type SessionQueryDto } from '../dto/session.dto.js';
import {
  SessionRepository,
  type SessionRange,
  type SessionSlice,
} from '../repositories/session.repository.js';
import { filterablePath, filterableValue } from '../schemas/filterable.js';
import { type Session } from '../schemas/session.schema.js';
import { SESSION_STATUSES, type SessionStatus } from '../session-status.js';

/** Filter and order, which stay the same from page to page. Undefined fields do not restrict. */
interface SessionFilter {
  readonly order: 'asc' | 'desc';
  readonly statuses?: readonly SessionStatus[] | undefined;
  /** Started at this time or later. */
  readonly from?: Date | undefined;
  /** Started before this time. */
  readonly to?: Date | undefined;
  /** Keys of the metadata with the text that each must have, in the order of METADATA_FILTER_KEYS. */
  readonly metadata: readonly (readonly [key: string, value: string])[];
}

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
    const limit = dto.limit ?? limits.defaultPageSize;
    const asked = filterOf(dto);
    if (dto.cursor === undefined) return this.read(asked, limit);
    const { selection, after } = openCursor(dto.cursor, LIST, {
      ...selectionOf(asked),
      order: dto.order, // its default is not asked for
      status: dto.status && (asked.statuses?.join() ?? null),
    });
    return this.read(filterFrom(selection), limit, keyFrom(after));
  }

  private read(filter: SessionFilter, limit: number, after?: SessionSlice['after']): Promise<SessionPage> {
    return this.queue.run(LIST, async () => {
      const { order } = filter;
      const ranges = rangesOf(filter);
      const slice = {
        order,
        after,
        limit: limit + 1,
        maxBytes: this.config.pageBytes / ranges.length,
        maxTimeMS: this.config.storeTimeoutMs,
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
      return { sessions: shown, limit, nextCursor: last ? cursorAfter(filter, last) : null };
    });
  }
}

/** The index ranges to read: one, or one for each status. */
function rangesOf({ statuses, metadata, from, to }: SessionFilter): SessionRange[] {
  const [first, ...others] = metadata.map(([key, value]): [string, string] => [
    filterablePath(key),
    filterableValue(value),
  ]);
  const beside = others.map(([path, value]): [string, string[]] => [path, [value]]);
  if (!first && statuses)
    return statuses.map((status) => ({ along: ['status', status], beside: [], from, to }));
  return [
    {
      along: first,
      beside: statuses ? [...beside, ['status', statuses]] : beside,
      from,
      to,
    },
  ];
}

function by(order: SessionFilter['order']) {
  const sign = order === 'asc' ? 1 : -1;
  return (a: Session, b: Session): number =>
    a.sessionId === b.sessionId
      ? 0
      : sign * (a.startedAt.getTime() - b.startedAt.getTime() || (a.sessionId < b.sessionId ? -1 : 1));
}

function filterOf(dto: SessionQueryDto): SessionFilter {
  const metadata = limits.metadataFilterKeys.flatMap((key): [string, string][] => {
    const value = dto[`${METADATA_PREFIX}${key}`];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    order: dto.order ?? 'desc',
    statuses: statusesOf(dto.status),
    from: dto.from,
    to: dto.to,
    metadata,
  };
}

/** Each status once and in one order; all of them are no filter. */
function statusesOf(given: readonly string[] | undefined): readonly SessionStatus[] | undefined {
  const statuses = SESSION_STATUSES.filter((known) => given?.includes(known));
  return statuses.length === 0 || statuses.length === SESSION_STATUSES.length ? undefined : statuses;
}

function selectionOf({ order, statuses, from, to, metadata }: SessionFilter): Selection {
  return {
    order,
    status: statuses?.join(),
    from: from?.getTime(),
    to: to?.getTime(),
    ...Object.fromEntries(metadata.map(([key, value]) => [METADATA_PREFIX + key, value])),
  };
}

function cursorAfter(filter: SessionFilter, { startedAt, sessionId }: Session): string {
  return sealCursor({ list: LIST, selection: selectionOf(filter), after: [startedAt.getTime(), sessionId] });
}

/** Reads the selection of a cursor, which may hold anything; METADATA_FILTER_KEYS may also have changed since. */
function filterFrom(selection: Selection): SessionFilter {
  const { order, status, from, to } = selection;
  const filter: SessionFilter = {
    order: order === 'asc' ? 'asc' : 'desc',
    statuses: statusesOf(typeof status === 'string' ? status.split(',') : undefined),
    from: typeof from === 'number' ? new Date(from) : undefined,
    to: typeof to === 'number' ? new Date(to) : undefined,
    metadata: limits.metadataFilterKeys.flatMap((key): [string, string][] => {
      const value = selection[METADATA_PREFIX + key];
      return typeof value === 'string' ? [[key, value]] : [];
    }),
  };
  expectUnderstood(selection, selectionOf(filter));
  return filter;
}

function keyFrom([startedAt, sessionId]: readonly unknown[]): NonNullable<SessionSlice['after']> {
  const time = new Date(typeof startedAt === 'number' ? startedAt : NaN);
  const isId = typeof sessionId === 'string' && sessionId.length <= limits.idLength;
  if (Number.isNaN(time.getTime()) || !isId) throw new InvalidCursorError();
  return { startedAt: time, sessionId };
}
