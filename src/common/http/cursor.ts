import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../errors/domain-error.js';

/** Characters of the checksum that a cursor begins with: 48 bits. */
const CHECKSUM_LENGTH = 8;

/** Sort, order and filters of a list, as plain values; undefined fields do not restrict. */
export type Selection = Readonly<Record<string, string | number | undefined>>;

/** What a request gives beside a cursor: undefined for what it leaves out, null for what it does not want restricted. */
type Asked = Readonly<Record<string, string | number | null | undefined>>;

/** A position in a list: which list with which selection, and the key of the last item that was shown. */
export interface Cursor {
  /** Names the list, and what it is of: a cursor is good for this one only. */
  readonly list: string;
  readonly selection: Selection;
  readonly after: readonly (string | number)[];
}

/** The cursor can't be used for this request. */
export class InvalidCursorError extends DomainError {
  override readonly name = 'InvalidCursorError';

  constructor(reason = 'cursor is not one that this service gave out') {
    super('INVALID_CURSOR', reason, { details: [{ field: 'cursor', message: reason }] });
  }
}

/** Writes a cursor as text that is safe in a URL. Its checksum protects against mistakes, not against forgery. */
export function sealCursor({ list, selection, after }: Cursor): string {
  return sealed(JSON.stringify([list, selection, after]));
}

/**
 * Reads a cursor that `sealCursor` wrote for the same list.
 *
 * @param asked the parameters that the request gives beside the cursor, which must be those of the cursor.
 * @returns its content, which the caller still has to check: anybody can compute a checksum.
 * @throws InvalidCursorError if it is of another list, was given out with other parameters, or was altered.
 */
export function openCursor(text: string, list: string, asked: Asked): Cursor {
  const cursor = parse(text);
  if (!cursor) throw new InvalidCursorError();
  if (cursor.list !== list) throw new InvalidCursorError('cursor belongs to another list');
  const changed = Object.keys(asked).find(
    (field) => asked[field] !== undefined && asked[field] !== (cursor.selection[field] ?? null),
  );
  if (changed !== undefined) throw new InvalidCursorError(`cursor was given out for another ${changed}`);
  return cursor;
}

/** Refuses a selection of a cursor of which something was not understood. @throws InvalidCursorError */
export function expectUnderstood(selection: Selection, understood: Selection): void {
  const fields = Object.entries(understood).filter(([, value]) => value !== undefined);
  if (!isDeepStrictEqual(Object.fromEntries(fields), selection)) throw new InvalidCursorError();
}

function parse(text: string): Cursor | undefined {
  const content = Buffer.from(text.slice(CHECKSUM_LENGTH), 'base64url').toString();
  if (text !== sealed(content)) return undefined; // not only the checksum: decoding ignores invalid characters
  try {
    const parts = JSON.parse(content) as unknown[];
    const [list, selection, after] = (earlier(parts) ?? parts) as [string, Selection, Cursor['after']];
    return { list, selection: { ...selection }, after: [...after] };
  } catch {
    return undefined;
  }
}

/** The parts of a cursor that was given out before 1.0, so that a walk goes on while the service is upgraded. */
function earlier(parts: readonly unknown[]): unknown[] | undefined {
  const [kind, ...rest] = parts;
  const given = (selection: object) =>
    Object.fromEntries(
      Object.entries(selection).filter(([, value]) => value !== null && value !== undefined),
    );
  if (kind === 1) {
    const [id, sort, order, [type, from, to, afterSequence], after] = rest as EarlierEvents;
    return [`events of ${id}`, given({ sort, order, type: type?.join(), from, to, afterSequence }), after];
  }
  if (kind === 'log-1') {
    const [id, [type, afterSequence], after] = rest as EarlierLog;
    const selection = given({ sort: 'sequence', order: 'asc', type: type?.join(), afterSequence });
    return [`log of ${id}`, selection, [0, after]];
  }
  if (kind === 'sessions:1') {
    const [order, [status, from, to, metadata], after] = rest as EarlierSessions;
    const keys: object = Object.fromEntries(metadata.map(([key, value]) => [`metadata.${key}`, value]));
    return ['sessions', given({ order, status: status?.join(), from, to, ...keys }), after];
  }
  return undefined;
}

type Texts = readonly string[] | null;
type EarlierEvents = [string, string, string, [Texts, number, number, number], unknown[]];
type EarlierLog = [string, [Texts, number], number];
type EarlierSessions = [string, [Texts, number, number, [string, string][]], unknown[]];

function sealed(content: string): string {
  return checksum(content) + Buffer.from(content).toString('base64url');
}

function checksum(content: string): string {
  return hash('sha256', content, 'base64url').slice(0, CHECKSUM_LENGTH);
}
