import { createHash } from 'node:crypto';
import { type JsonObject } from '../../../common/http/json.js';

/**
 * Longer values (in bytes) are stored as a hash, since index keys are limited (to 1,978 bytes in the embedded store).
 */
const MAX_BYTES = 127;

/**
 * The strings, numbers and booleans of a session's metadata, as text that can be indexed.
 *
 * The metadata itself can't be: its keys may contain dots and dollars, a list would match by each of its items, and a
 * value may be too long. All keys are included, not only those of METADATA_FILTER_KEYS, so that a key that is added there
 * later also finds existing sessions.
 */
export function filterableOf(metadata: JsonObject): Record<string, string> {
  const entries = Object.entries(metadata).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(entries.map(([key, value]) => [fieldOf(key), filterableValue(String(value))]));
}

/** The path of a key's values in a stored session. */
export function filterablePath(key: string): string {
  return `filterable.${fieldOf(key)}`;
}

/** A value as it is indexed: a long one by its hash, which is longer than any short value and so can't equal one. */
export function filterableValue(value: string): string {
  return Buffer.byteLength(value) <= MAX_BYTES ? value : createHash('sha512').update(value).digest('hex');
}

function fieldOf(key: string): string {
  return key.replace(/[%.$]/g, (character) => encodeURIComponent(character).replace('.', '%2E'));
}
