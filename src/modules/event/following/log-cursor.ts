import { isDeepStrictEqual } from 'node:util';
import { InvalidCursorError, openCursor, sealCursor } from '../../../common/http/cursor.js';
import { EVENT_TYPES } from '../event-type.js';
import { type EventFilter } from '../reading/event-query.js';

/** Which events a list of a log shows. */
export type LogSelection = Pick<EventFilter, 'type' | 'afterSequence'>;

/** The first part of a cursor of this list; cursors of other lists and releases start differently. */
const KIND = 'log-1';

/** A place in the log of a session, with what the list shows. */
interface LogCursor {
  readonly sessionId: string;
  readonly selection: LogSelection;
  /** The sequence after which the next page begins. */
  readonly after: number;
}

/** Writes the cursor for the events after the sequence `after`. */
export function encodeLogCursor(sessionId: string, selection: LogSelection, after: number): string {
  return sealCursor(contentOf({ sessionId, selection, after }));
}

/**
 * Reads a cursor that `encodeLogCursor` wrote for this session and this selection. What the request leaves out is taken
 * from the cursor.
 *
 * @throws InvalidCursorError
 */
export function decodeLogCursor(
  text: string,
  sessionId: string,
  asked: LogSelection,
): { selection: LogSelection; after: number } {
  const { sessionId: ofSession, selection, after } = openCursor(text, parse);
  if (ofSession !== sessionId) throw new InvalidCursorError('cursor belongs to another session');
  for (const field of ['type', 'afterSequence'] as const) {
    if (asked[field] !== undefined && !isDeepStrictEqual(asked[field], selection[field]))
      throw new InvalidCursorError(`cursor was given out for another ${field}`);
  }
  return { selection, after };
}

function contentOf({ sessionId, selection: { type, afterSequence }, after }: LogCursor): string {
  return JSON.stringify([KIND, sessionId, [type ?? null, afterSequence ?? null], after]);
}

type Content = [string, string, [unknown, unknown], unknown];

/** Parses text with a correct checksum, which may still contain anything. */
function parse(content: string): LogCursor | undefined {
  const [kind, sessionId, [type, afterSequence], after] = JSON.parse(content) as Content;
  if (kind !== KIND || !Number.isSafeInteger(after)) return undefined; // of another list or release
  const selection = {
    type: Array.isArray(type) ? EVENT_TYPES.filter((known) => type.includes(known)) : undefined,
    afterSequence: typeof afterSequence === 'number' ? afterSequence : undefined,
  };
  const cursor = { sessionId, selection, after: after as number };
  return contentOf(cursor) === content ? cursor : undefined; // so every part of it was understood
}
