import { createHash } from 'node:crypto';
import { DomainError } from './domain-error.js';

const CHECKSUM_BYTES = 6;

/** The cursor can't be used for this request. */
export class InvalidCursorError extends DomainError {
  override readonly name = 'InvalidCursorError';

  constructor(reason: string) {
    super('INVALID_CURSOR', reason, { details: [{ field: 'cursor', message: reason }] });
  }
}

/** Writes a cursor's content as text that is safe in a URL. Its checksum guards against slips, not against forgers. */
export function sealCursor(content: string): string {
  return Buffer.concat([checksum(content), Buffer.from(content)]).toString('base64url');
}

/**
 * Reads a cursor that `sealCursor` wrote.
 *
 * @param parse makes of the content what it stands for, or undefined; it may throw as well. Anybody can compute the
 * checksum, so the content may be anything.
 * @throws InvalidCursorError where the text is anything else, if by one character, or `parse` makes nothing of it.
 */
export function openCursor<T>(text: string, parse: (content: string) => T | undefined): T {
  const bytes = Buffer.from(text, 'base64url');
  const content = bytes.subarray(CHECKSUM_BYTES).toString();
  // Decoding skips what is not base64url, so the text has to be what encoding would have made of it.
  const intact =
    bytes.toString('base64url') === text && checksum(content).equals(bytes.subarray(0, CHECKSUM_BYTES));
  const cursor = intact ? attempt(() => parse(content)) : undefined;
  if (cursor === undefined) throw new InvalidCursorError('cursor is not one that this service gave out');
  return cursor;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function checksum(content: string): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, CHECKSUM_BYTES);
}
