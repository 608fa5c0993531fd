import { config } from '../../../config/config.js';
import { openCursor, sealCursor } from '../../../http/cursor.js';
import { SESSION_STATUSES, type SessionStatus } from '../session-status.js';
import {
  SESSION_ORDERS,
  type SessionFilter,
  type SessionKey,
  type SessionSelection,
} from './session-query.js';

/** A place in a walk through the sessions: where it stands, and what it walks through. */
export interface SessionCursor {
  readonly selection: SessionSelection;
  readonly after: SessionKey;
}

/** Tells it from the cursors of other lists; a number in its place is one of a session's events. */
const KIND = 'sessions:1';

/** Writes a cursor as text that is safe in a URL. */
export function encodeSessionCursor(cursor: SessionCursor): string {
  return sealCursor(contentOf(cursor));
}

/** @throws InvalidCursorError where the text is not what `encodeSessionCursor` wrote. */
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

/** Reads what the checksum vouches for, which may still be anything. */
function parse(content: string): SessionCursor | undefined {
  const [kind, order, filter, [startedAt, sessionId]] = JSON.parse(content) as Content;
  const knownOrder = SESSION_ORDERS.find((known) => known === order);
  if (kind !== KIND || !knownOrder || typeof sessionId !== 'string') return undefined;
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

/** Only what this service has an index for: it may have been set up otherwise when it gave the cursor out. */
function isFilterOfMetadata(value: unknown): value is [string, string] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [key, text] = value as unknown[];
  return config.metadataFilterKeys.some((known) => known === key) && typeof text === 'string';
}
