import { limits } from '../../../config/config.js';
import {
  expectUnderstood,
  InvalidCursorError,
  openCursor,
  sealCursor,
  type Selection,
} from '../../../common/http/cursor.js';
import { ValidationFailedError } from '../../../common/errors/domain-error.js';
import { type EventQueryDto } from '../dto/event.dto.js';
import { EVENT_TYPES, type EventType } from '../event-type.js';
import { type EventFilter, type EventKey, type EventSlice } from '../repositories/event.repository.js';

/** Filter and order, which stay the same from page to page. */
type EventSelection = Pick<EventSlice, 'filter' | 'sort' | 'order'>;

/** One page: by its number, or the one after an event. */
export type EventQuery = EventSelection & { readonly limit: number } & (
    | { readonly page: number; readonly after?: undefined }
    | { readonly after: EventKey; readonly page?: undefined }
  );

/** The two lists of a session's events, whose cursors are not good for each other. */
type List = 'events' | 'log';

/**
 * The query of a request for events, with defaults.
 *
 * @throws InvalidCursorError if the cursor is not ours or is another session's, or if the request has another sort,
 * order or filter than the cursor.
 * @throws ValidationFailedError if the request has both a page and a cursor.
 */
export function toEventQuery(list: List, sessionId: string, dto: EventQueryDto): EventQuery {
  const limit = dto.limit ?? limits.defaultPageSize;
  const asked = selectionOf(list, dto);
  if (dto.cursor === undefined) return { ...asked, limit, page: dto.page ?? 1 };
  if (dto.page !== undefined) {
    throw new ValidationFailedError([{ field: 'page', message: 'page and cursor exclude each other' }]);
  }
  const { selection, after } = openCursor(dto.cursor, nameOf(list, sessionId), {
    ...plain(asked),
    sort: dto.sort, // defaults are not asked for
    order: dto.order,
    type: dto.type && (asked.filter.type?.join() ?? null),
  });
  return { ...selectionFrom(selection), limit, after: keyFrom(after) };
}

/** The cursor after the last of these events; null if there are none. */
export function cursorAfter(
  list: List,
  sessionId: string,
  selection: EventSelection,
  events: readonly EventKey[],
): string | null {
  const last = events.at(-1);
  if (!last) return null;
  const after = [last.timestamp.getTime(), last.sequence];
  return sealCursor({ list: nameOf(list, sessionId), selection: plain(selection), after });
}

function nameOf(list: List, sessionId: string): string {
  return `${list} of ${sessionId}`;
}

function selectionOf(
  list: List,
  { type, from, to, afterSequence, sort, order }: EventQueryDto,
): EventSelection {
  // Who reads on after an event must not miss one because it is older.
  const inLogOrder = list === 'log' || afterSequence !== undefined;
  return {
    sort: sort ?? (inLogOrder ? 'sequence' : 'timestamp'),
    order: order ?? 'asc',
    filter: { type: typesOf(type), from: from, to: to, afterSequence },
  };
}

/** Each type once and in one order; all of them are no filter. */
function typesOf(given: readonly string[] | undefined): readonly EventType[] | undefined {
  const wanted = EVENT_TYPES.filter((known) => given?.includes(known));
  return wanted.length === 0 || wanted.length === EVENT_TYPES.length ? undefined : wanted;
}

function plain({ sort, order, filter: { type, from, to, afterSequence } }: EventSelection): Selection {
  return { sort, order, type: type?.join(), from: from?.getTime(), to: to?.getTime(), afterSequence };
}

/** Reads the selection of a cursor, which may hold anything. */
function selectionFrom(selection: Selection): EventSelection {
  const { sort, order, type, from, to, afterSequence } = selection;
  const filter: EventFilter = {
    type: typesOf(typeof type === 'string' ? type.split(',') : undefined),
    from: typeof from === 'number' ? new Date(from) : undefined,
    to: typeof to === 'number' ? new Date(to) : undefined,
    afterSequence: typeof afterSequence === 'number' ? afterSequence : undefined,
  };
  const read: EventSelection = {
    sort: sort === 'sequence' ? 'sequence' : 'timestamp',
    order: order === 'desc' ? 'desc' : 'asc',
    filter,
  };
  expectUnderstood(selection, plain(read));
  return read;
}

function keyFrom([timestamp, sequence]: readonly unknown[]): EventKey {
  const time = new Date(typeof timestamp === 'number' ? timestamp : NaN);
  if (Number.isNaN(time.getTime()) || !Number.isSafeInteger(sequence) || (sequence as number) < 0)
    throw new InvalidCursorError();
  return { timestamp: time, sequence: sequence as number };
}
