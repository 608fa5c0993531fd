import { createHash } from 'node:crypto';

const CHECKSUM_BYTES = 6;

/** Writes what a cursor carries as text that is safe in a URL. Its checksum guards against slips, not against forgers: it opens nothing. */
export function sealCursor(content: string): string {
  return Buffer.concat([checksum(content), Buffer.from(content)]).toString('base64url');
}

/** What a cursor carries that `sealCursor` wrote; undefined where the text is anything else, if by one character. */
export function unsealCursor(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  const content = bytes.subarray(CHECKSUM_BYTES).toString();
  // Decoding skips what is not base64url, so the text has to be what encoding would have made of it.
  const intact =
    bytes.toString('base64url') === text && checksum(content).equals(bytes.subarray(0, CHECKSUM_BYTES));
  return intact ? content : undefined;
}

function checksum(content: string): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, CHECKSUM_BYTES);
}
