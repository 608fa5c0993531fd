import { isDeepStrictEqual } from 'node:util';
import { InvalidCursorError } from '../../../common/http/cursor.js';
import { ValidationFailedError } from '../../../common/errors/domain-error.js';
import { config } from '../../../config/config.js';
import { decodeCursor } from './cursor.js';
import { type EventQueryDto } from '../dto/event.dto.js';
import { type EventQuery, type EventSelection, typesOf } from './event-query.js';

/**
 * The query of a request for events, with defaults.
 *
 * @throws InvalidCursorError if the cursor is not ours or is another session's, or if the request has another sort,
 * order or filter than the cursor.
 * @throws ValidationFailedError if the request has both a page and a cursor.
 */
export function toEventQuery(sessionId: string, dto: EventQueryDto): EventQuery {
  const limit = dto.limit ?? config.limits.defaultPageSize;
  const asked = selectionOf(dto);
  if (dto.cursor === undefined) return { ...asked, limit, page: dto.page ?? 1 };
  if (dto.page !== undefined) {
    throw new ValidationFailedError([{ field: 'page', message: 'page and cursor exclude each other' }]);
  }
  const cursor = decodeCursor(dto.cursor);
  if (cursor.sessionId !== sessionId) throw new InvalidCursorError('cursor belongs to another session');
  const changed = changedField(dto, asked, cursor.selection);
  if (changed) throw new InvalidCursorError(`cursor was given out for another ${changed}`);
  return { ...cursor.selection, limit, after: cursor.after };
}

function selectionOf({
  type,
  from,
  to,
  afterSequence,
  // Who reads on after an event must not miss one because it is older.
  sort = afterSequence === undefined ? 'timestamp' : 'sequence',
  order = 'asc',
}: EventQueryDto): EventSelection {
  return {
    sort,
    order,
    filter: { type: typesOf(type), from, to, afterSequence },
  };
}

const SELECTED = ['sort', 'order', 'type', 'from', 'to', 'afterSequence'] as const;
type Selected = (typeof SELECTED)[number];

/**
 * The first field in which the request and the cursor differ. Fields that the request leaves out come from the cursor.
 */
function changedField(
  dto: EventQueryDto,
  asked: EventSelection,
  carried: EventSelection,
): string | undefined {
  const valueIn = ({ filter, ...selection }: EventSelection, field: Selected) =>
    ({ ...selection, ...filter })[field];
  return SELECTED.find(
    (field) => dto[field] !== undefined && !isDeepStrictEqual(valueIn(asked, field), valueIn(carried, field)),
  );
}
