import { isDeepStrictEqual } from 'node:util';
import { InvalidCursorError, openCursor, sealCursor } from '../../../http/cursor.js';
import { type EventFilter } from '../reading/event-query.js';

/** Which events a list of a log shows. */
export type LogSelection = Pick<EventFilter, 'type' | 'afterSequence'>;

/** The first part of a cursor of this list; cursors of other lists and releases start differently. */
const KIND = 'log-1';

/** Writes the cursor for the events after the sequence `after`. */
export function encodeLogCursor(
  sessionId: string,
  { type, afterSequence }: LogSelection,
  after: number,
): string {
  return sealCursor(JSON.stringify([KIND, sessionId, [type ?? null, afterSequence ?? null], after]));
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
  const [ofSession, carried, after] = openCursor(text, parse);
  if (ofSession !== sessionId) throw new InvalidCursorError('cursor belongs to another session');
  const [type, afterSequence] = carried.map((one: unknown) => one ?? undefined);
  const selection = { type, afterSequence } as LogSelection;
  for (const field of ['type', 'afterSequence'] as const) {
    if (asked[field] !== undefined && !isDeepStrictEqual(asked[field], selection[field]))
      throw new InvalidCursorError(`cursor was given out for another ${field}`);
  }
  return { selection, after };
}

/** What `encodeLogCursor` wrote; undefined for a cursor of another list or release. */
function parse(content: string): [sessionId: unknown, selection: unknown[], after: number] | undefined {
  const [kind, sessionId, carried, after] = JSON.parse(content) as unknown[];
  const isOurs = kind === KIND && Array.isArray(carried) && Number.isSafeInteger(after);
  return isOurs ? [sessionId, carried as unknown[], after as number] : undefined;
}
