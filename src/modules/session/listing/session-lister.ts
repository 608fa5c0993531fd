import { Injectable } from '@nestjs/common';
import {
  SessionListRepository,
  type Criterion,
  type SessionSlice,
} from '../repositories/session-list.repository.js';
import { type Session } from '../schemas/session.schema.js';
import { filterablePath, filterableValue } from './filterable.js';
import { encodeSessionCursor } from './session-cursor.js';
import { type SessionFilter, type SessionOrder, type SessionQuery } from './session-query.js';

/** How many keys of each index are read to find the narrowest one; the last of them also costs reading one document. */
const PROBE = 100;

/** One page of the list of sessions. */
export interface SessionPage {
  readonly sessions: readonly Session[];
  readonly limit: number;
  /** The cursor of the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/**
 * Reads the list of sessions, page by page.
 *
 * With no filter or one, a page is one range of one index (several statuses: one range each, merged), at any depth.
 * With several filters, the narrowest index is read, and each session is checked against the others.
 */
@Injectable()
export class SessionLister {
  constructor(private readonly sessions: SessionListRepository) {}

  /**
   * Reads one page. Over all pages, a session that matches the filters throughout is shown once. One that starts or
   * stops matching meanwhile (its status changes, its metadata is patched) may be shown or not, but not twice, since
   * its place is fixed.
   */
  async read({ filter, order, limit, after }: SessionQuery): Promise<SessionPage> {
    const { from, to } = filter;
    const slice = { order, after, limit: limit + 1 };
    const criteria = criteriaOf(filter);
    const along = criteria.length > 1 ? await this.narrowest(criteria, filter, slice) : criteria[0];
    const beside = criteria.filter((criterion) => criterion !== along);

    // One status after the other, in the order of a session's life, so that a session that moves on meanwhile is found
    // again in the later status, and never missed in both.
    const found = new Map<string, Session>();
    for (const value of along?.values ?? [undefined]) {
      const range = {
        along: value === undefined ? undefined : { path: along?.path ?? '', value },
        beside,
        from,
        to,
      };
      const sessions = await this.sessions.findInRange(range, slice);
      for (const session of sessions) found.set(session.sessionId, session);
    }
    const sessions = [...found.values()].sort(by(order)).slice(0, limit);
    const last = found.size > limit ? sessions.at(-1) : undefined;
    return {
      sessions,
      limit,
      nextCursor: last ? encodeSessionCursor({ selection: { filter, order }, after: last }) : null,
    };
  }

  /**
   * The criterion with the fewest sessions per time from here on: its hundredth session is the farthest away, or does
   * not exist.
   */
  private async narrowest(
    criteria: readonly Criterion[],
    { from, to }: SessionFilter,
    slice: SessionSlice,
  ): Promise<Criterion | undefined> {
    const reaches = await Promise.all(
      criteria.map(async ({ path, values }) => {
        const starts = await Promise.all(
          values.map((value) =>
            this.sessions.findStartAt({ along: { path, value }, beside: [], from, to }, slice, PROBE),
          ),
        );
        return Math.min(...starts.map((start) => distance(start, slice.order)));
      }),
    );
    return criteria[reaches.indexOf(Math.max(...reaches))];
  }
}

function criteriaOf({ statuses, metadata }: SessionFilter): Criterion[] {
  return [
    ...metadata.map(([key, value]) => ({ path: filterablePath(key), values: [filterableValue(value)] })),
    ...(statuses ? [{ path: 'status', values: statuses }] : []),
  ];
}

function distance(start: Date | undefined, order: SessionOrder): number {
  if (!start) return Infinity;
  return order === 'asc' ? start.getTime() : -start.getTime();
}

function by(order: SessionOrder) {
  const sign = order === 'asc' ? 1 : -1;
  return (a: Session, b: Session): number =>
    sign * (a.startedAt.getTime() - b.startedAt.getTime() || (a.sessionId < b.sessionId ? -1 : 1));
}
