import { openCursor, sealCursor } from '../../../common/http/cursor.js';
import {
  EVENT_ORDERS,
  EVENT_SORTS,
  type EventFilter,
  type EventKey,
  type EventSelection,
} from './event-query.js';
import { EVENT_TYPES } from '../event-type.js';

/** A position among the events of a session, with the filter and order of the list. */
export interface Cursor {
  readonly sessionId: string;
  readonly selection: EventSelection;
  readonly after: EventKey;
}

const VERSION = 1;

/** Writes a cursor as text that is safe in a URL. */
export function encodeCursor(cursor: Cursor): string {
  return sealCursor(contentOf(cursor));
}

/** The cursor after the last of these events; null if there are none. */
export function cursorAfter(
  sessionId: string,
  selection: EventSelection,
  events: readonly EventKey[],
): string | null {
  const last = events.at(-1);
  return last ? encodeCursor({ sessionId, selection, after: last }) : null;
}

function contentOf({ sessionId, selection: { filter, sort, order }, after }: Cursor): string {
  return JSON.stringify([
    VERSION,
    sessionId,
    sort,
    order,
    [
      filter.type ?? null,
      filter.from?.getTime() ?? null,
      filter.to?.getTime() ?? null,
      filter.afterSequence ?? null,
    ],
    [after.timestamp.getTime(), after.sequence],
  ]);
}

/**
 * Reads a cursor that `encodeCursor` wrote.
 *
 * @throws InvalidCursorError for anything else, even if it differs by one character.
 */
export function decodeCursor(text: string): Cursor {
  return openCursor(text, parse);
}

type Content = [number, string, unknown, unknown, unknown[], [number, number]];

/** Parses text with a correct checksum, which may still contain anything. */
function parse(content: string): Cursor | undefined {
  const [version, sessionId, sort, order, filter, [timestamp, sequence]] = JSON.parse(content) as Content;
  const knownSort = EVENT_SORTS.find((known) => known === sort);
  const knownOrder = EVENT_ORDERS.find((known) => known === order);
  if (version !== VERSION || !knownSort || !knownOrder) return undefined; // from another release
  if (!Number.isSafeInteger(sequence) || sequence < 1) return undefined;
  const cursor = {
    sessionId,
    selection: { sort: knownSort, order: knownOrder, filter: parseFilter(filter) },
    after: { timestamp: new Date(timestamp), sequence },
  };
  return contentOf(cursor) === content ? cursor : undefined; // so every part of it was understood
}

function parseFilter([type, from, to, afterSequence]: unknown[]): EventFilter {
  return {
    type: Array.isArray(type) ? EVENT_TYPES.filter((known) => type.includes(known)) : undefined,
    from: typeof from === 'number' ? new Date(from) : undefined,
    to: typeof to === 'number' ? new Date(to) : undefined,
    afterSequence: typeof afterSequence === 'number' ? afterSequence : undefined,
  };
}
