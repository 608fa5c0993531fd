import { isDeepStrictEqual } from 'node:util';
import { config } from '../../../config/config.js';
import { InvalidCursorError } from '../../../common/http/cursor.js';
import { METADATA_PREFIX, type SessionQueryDto } from '../dto/session.dto.js';
import { SESSION_STATUSES } from '../session-status.js';
import { decodeSessionCursor } from './session-cursor.js';
import { type SessionQuery, type SessionSelection } from './session-query.js';

/**
 * The query of a request for sessions, with defaults.
 *
 * @throws InvalidCursorError if the cursor is not ours, or the request has another order or filter than the cursor.
 */
export function toSessionQuery(dto: SessionQueryDto): SessionQuery {
  const limit = dto.limit ?? config.limits.defaultPageSize;
  const asked = selectionOf(dto);
  if (dto.cursor === undefined) return { ...asked, limit };
  const { selection, after } = decodeSessionCursor(dto.cursor);
  const changed = changedField(dto, asked, selection);
  if (changed) throw new InvalidCursorError(`cursor was given out for another ${changed}`);
  return { ...selection, limit, after };
}

function selectionOf(dto: SessionQueryDto): SessionSelection {
  const { order = 'desc', from, to } = dto;
  const metadata = config.metadataFilterKeys
    .flatMap((key): [string, string][] => {
      const value = dto[`${METADATA_PREFIX}${key}`];
      return value === undefined ? [] : [[key, value]];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    order,
    filter: { statuses: statusesOf(dto), from, to, metadata },
  };
}

/** All statuses together are no filter. */
function statusesOf({ status }: SessionQueryDto): SessionSelection['filter']['statuses'] {
  const statuses = SESSION_STATUSES.filter((known) => status?.includes(known));
  return statuses.length === 0 || statuses.length === SESSION_STATUSES.length ? undefined : statuses;
}

/**
 * The first field in which the request and the cursor differ. Fields that the request leaves out come from the cursor.
 */
function changedField(
  dto: SessionQueryDto,
  asked: SessionSelection,
  carried: SessionSelection,
): string | undefined {
  const { filter: now } = asked;
  const { filter: then } = carried;
  const differs = {
    order: asked.order !== carried.order,
    status: !isDeepStrictEqual(now.statuses, then.statuses),
    from: now.from?.getTime() !== then.from?.getTime(),
    to: now.to?.getTime() !== then.to?.getTime(),
  };
  const changed = (['order', 'status', 'from', 'to'] as const).find(
    (field) => dto[field] !== undefined && differs[field],
  );
  const values = new Map(then.metadata);
  const other = now.metadata.find(([key, value]) => values.get(key) !== value);
  return changed ?? (other && `${METADATA_PREFIX}${other[0]}`);
}
