import { config } from '../../../config/config.js';
import { isId } from '../../../common/validation/fields.js';
import { openCursor, sealCursor } from '../../../common/http/cursor.js';
import { SESSION_STATUSES, type SessionStatus } from '../session-status.js';
import {
  SESSION_ORDERS,
  type SessionFilter,
  type SessionKey,
  type SessionSelection,
} from './session-query.js';

/** A position in the list of sessions, with the filter and order of the list. */
export interface SessionCursor {
  readonly selection: SessionSelection;
  readonly after: SessionKey;
}

/** Marks a cursor of this list. Cursors of a session's events have a number here. */
const KIND = 'sessions:1';

/** Writes a cursor as text that is safe in a URL. */
export function encodeSessionCursor(cursor: SessionCursor): string {
  return sealCursor(contentOf(cursor));
}

/** Reads a cursor. @throws InvalidCursorError if `encodeSessionCursor` did not write it. */
export function decodeSessionCursor(text: string): SessionCursor {
  return openCursor(text, parse);
}

function contentOf({ selection: { filter, order }, after }: SessionCursor): string {
  const { statuses, from, to, metadata } = filter;
  return JSON.stringify([
    KIND,
    order,
    [statuses ?? null, from?.getTime() ?? null, to?.getTime() ?? null, metadata],
    [after.startedAt.getTime(), after.sessionId],
  ]);
}

type Content = [string, unknown, [unknown[] | null, unknown, unknown, unknown[]], [number, string]];

/** Parses text with a correct checksum, which may still contain anything. */
function parse(content: string): SessionCursor | undefined {
  const [kind, order, filter, [startedAt, sessionId]] = JSON.parse(content) as Content;
  const knownOrder = SESSION_ORDERS.find((known) => known === order);
  if (kind !== KIND || !knownOrder || !isId(sessionId)) return undefined;
  const cursor = {
    selection: { order: knownOrder, filter: parseFilter(filter) },
    after: { startedAt: new Date(startedAt), sessionId },
  };
  return contentOf(cursor) === content ? cursor : undefined; // so every part of it was understood
}

function parseFilter([statuses, from, to, metadata]: Content[2]): SessionFilter {
  return {
    statuses: statuses?.filter((status): status is SessionStatus =>
      SESSION_STATUSES.some((known) => known === status),
    ),
    from: typeof from === 'number' ? new Date(from) : undefined,
    to: typeof to === 'number' ? new Date(to) : undefined,
    metadata: metadata.filter(isFilterOfMetadata),
  };
}

/** Accepts only filters that have an index: METADATA_FILTER_KEYS may have changed since the cursor was given out. */
function isFilterOfMetadata(value: unknown): value is [string, string] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [key, text] = value as unknown[];
  return config.metadataFilterKeys.some((known) => known === key) && typeof text === 'string';
}
