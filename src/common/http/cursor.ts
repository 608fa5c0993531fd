import { hash } from 'node:crypto';
import { DomainError } from '../errors/domain-error.js';

/** Characters of the checksum that a cursor begins with: 48 bits. */
const CHECKSUM_LENGTH = 8;

/** The cursor can't be used for this request. */
export class InvalidCursorError extends DomainError {
  override readonly name = 'InvalidCursorError';

  constructor(reason = 'cursor is not one that this service gave out') {
    super('INVALID_CURSOR', reason, { details: [{ field: 'cursor', message: reason }] });
  }
}

/**
 * Encodes a cursor's content as text that is safe in a URL. Its checksum protects against mistakes, not against
 * forgery.
 */
export function sealCursor(content: string): string {
  return checksum(content) + Buffer.from(content).toString('base64url');
}

/**
 * Decodes a cursor of `sealCursor`.
 *
 * @param parse turns the content into a value, or returns undefined or throws. Anybody can compute the checksum, so the
 * content may be anything.
 * @throws InvalidCursorError if the text was changed by as little as one character, or `parse` does not accept it.
 */
export function openCursor<T>(text: string, parse: (content: string) => T | undefined): T {
  const content = Buffer.from(text.slice(CHECKSUM_LENGTH), 'base64url').toString();
  const intact = text === sealCursor(content); // not only the checksum: decoding ignores invalid characters
  const cursor = intact ? attempt(() => parse(content)) : undefined;
  if (cursor === undefined) throw new InvalidCursorError();
  return cursor;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function checksum(content: string): string {
  return hash('sha256', content, 'base64url').slice(0, CHECKSUM_LENGTH);
}
