import { limits } from '../../../config/config.js';
import { InvalidCursorError, openCursor, sealCursor } from '../../../common/http/cursor.js';
import { ValidationFailedError } from '../../../common/errors/domain-error.js';
import { EventListQueryDto, EventQueryDto } from '../dto/event.dto.js';
import { type EventKey, type EventSlice } from '../repositories/event.repository.js';

/** Filter and order, which stay the same from page to page. */
type EventSelection = Pick<EventSlice, 'filter' | 'sort' | 'order'>;

/** One page: by its number, or the one after an event. */
export type EventQuery = EventSelection & { readonly limit: number } & (
    | { readonly page: number; readonly after?: undefined }
    | { readonly after: EventKey; readonly page?: undefined }
  );

/**
 * The two lists of a session's events, whose cursors are not good for each other: the log is always read in its own order.
 */
type List = 'events' | 'log';

/**
 * The query of a request for events, with defaults.
 *
 * @throws InvalidCursorError if the cursor is not ours or is another session's, or if the request has another sort,
 * order or filter than the cursor.
 * @throws ValidationFailedError if the request has both a page and a cursor.
 */
export function toEventQuery(list: List, sessionId: string, dto: EventQueryDto): EventQuery {
  const limit = dto.limit ?? limits.DEFAULT_PAGE_SIZE;
  if (dto.cursor === undefined) return { ...selectionOf(list, dto), limit, page: dto.page ?? 1 };
  if (dto.page !== undefined) {
    throw new ValidationFailedError([{ field: 'page', message: 'page and cursor exclude each other' }]);
  }
  const queryClass = list === 'log' ? EventListQueryDto : EventQueryDto;
  const { query, after } = openCursor(dto.cursor, nameOf(list, sessionId), dto, queryClass);
  return { ...selectionOf(list, query), limit, after: keyFrom(after) };
}

/** The cursor after the last of these events; null if there are none. */
export function cursorAfter(
  list: List,
  sessionId: string,
  { filter, sort, order }: EventSelection,
  events: readonly EventKey[],
): string | null {
  const last = events.at(-1);
  if (!last) return null;
  const query = list === 'log' ? filter : { ...filter, sort, order };
  return sealCursor(nameOf(list, sessionId), query, [last.timestamp.getTime(), last.sequence]);
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
    filter: { type, from, to, afterSequence },
  };
}

function keyFrom([timestamp, sequence]: readonly unknown[]): EventKey {
  const time = new Date(typeof timestamp === 'number' ? timestamp : NaN);
  if (Number.isNaN(time.getTime()) || !Number.isSafeInteger(sequence) || (sequence as number) < 0)
    throw new InvalidCursorError();
  return { timestamp: time, sequence: sequence as number };
}
