import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../errors/domain-error.js';
import { type QueryDto } from '../validation/fields.js';
import { readDto } from '../validation/request-validation.pipe.js';

/** Characters of the checksum that a cursor begins with: 48 bits. */
const CHECKSUM_LENGTH = 8;

/** The parameters that a cursor does not hold, as they may change from page to page. */
const OF_ONE_PAGE: ReadonlySet<string> = new Set(['cursor', 'limit', 'page', 'wait', 'include']);

/** Sort, order and filters of a list, as the text of their parameters. */
type Selection = Readonly<Record<string, string>>;

/** The key of an item in its list. */
type Key = readonly (string | number)[];

/** The cursor can't be used for this request. */
export class InvalidCursorError extends DomainError {
  constructor(reason = 'cursor is not one that this service gave out') {
    super('INVALID_CURSOR', reason, { details: [{ field: 'cursor', message: reason }] });
  }
}

/**
 * Writes a cursor as text that is safe in a URL. Its checksum protects against mistakes, not against forgery.
 *
 * @param list names the list, and what it is of: a cursor is good for this one only.
 * @param query its sort, order and filters, which stay the same from page to page.
 * @param after the key of the last item that was shown.
 */
export function sealCursor(list: string, query: object, after: Key): string {
  return sealed(JSON.stringify([list, selectionOf(query), after]));
}

/**
 * Reads a cursor that `sealCursor` wrote for the same list.
 *
 * @param asked the request with the cursor; what else it asks for must be what the cursor holds.
 * @returns the query of the cursor, and the key, which the caller still has to check: anybody can compute a checksum.
 * @throws InvalidCursorError if it is of another list, was given out with other parameters, or was altered.
 */
export function openCursor<Q extends QueryDto>(
  text: string,
  list: string,
  asked: Q,
  queryClass: new () => Q,
): { readonly query: Q; readonly after: readonly unknown[] } {
  const cursor = parse(text);
  if (!cursor) throw new InvalidCursorError();
  const [cursorList, selection, after] = cursor;
  if (cursorList !== list) throw new InvalidCursorError('cursor belongs to another list');
  const given = Object.entries(selectionOf(asked));
  const [changed] = given.find(([name, value]) => selection[name] !== value) ?? [];
  if (changed !== undefined) throw new InvalidCursorError(`cursor was given out for another ${changed}`);
  const { dto: query, faults } = readDto(queryClass, selection);
  if (faults.length > 0 || !isDeepStrictEqual(selectionOf(query), selection)) throw new InvalidCursorError();
  return { query, after };
}

function selectionOf(query: object): Selection {
  const given = Object.entries(query).filter(
    ([name, value]) => value !== undefined && !OF_ONE_PAGE.has(name),
  );
  return Object.fromEntries(given.map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? [...new Set(value)].sort().join() : String(value);
}

function parse(text: string): [list: string, selection: Selection, after: readonly unknown[]] | undefined {
  const content = Buffer.from(text.slice(CHECKSUM_LENGTH), 'base64url').toString();
  if (text !== sealed(content)) return undefined; // not only the checksum: decoding ignores invalid characters
  try {
    const [list, selection, after] = JSON.parse(content) as [string, Selection, readonly unknown[]];
    return [list, Object.fromEntries(Object.entries(selection)), [...after]];
  } catch {
    return undefined;
  }
}

function sealed(content: string): string {
  return checksum(content) + Buffer.from(content).toString('base64url');
}

function checksum(content: string): string {
  return hash('sha256', content, 'base64url').slice(0, CHECKSUM_LENGTH);
}
