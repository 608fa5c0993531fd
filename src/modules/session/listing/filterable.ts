import { createHash } from 'node:crypto';
import { type JsonObject } from '../../../http/json.js';

/** Bytes of a value that is stored as it is. Keys of an index are bounded (the embedded store's at 1,978 bytes). */
const MAX_BYTES = 127;

/**
 * What of a session's metadata can be looked for: its strings, under names that a path can have and in a length that an
 * index can have.
 *
 * The metadata itself is stored as it came, so a key may hold a dot or a dollar, a value may be a list (which equals each
 * of its items, to MongoDB) or long. All strings are there, not only those of METADATA_FILTER_KEYS, so that a key that is
 * named there later finds the sessions of before: its index is built at the next start.
 */
export function filterableOf(metadata: JsonObject): Record<string, string> {
  const strings = Object.entries(metadata).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(strings.map(([key, value]) => [fieldOf(key), filterableValue(value)]));
}

/** The path of a key's values in a stored session. */
export function filterablePath(key: string): string {
  return `filterable.${fieldOf(key)}`;
}

/** A value as it is stored to be looked for: a long one by its hash, which is longer than any other and so never taken for one. */
export function filterableValue(value: string): string {
  return Buffer.byteLength(value) <= MAX_BYTES ? value : createHash('sha512').update(value).digest('hex');
}

function fieldOf(key: string): string {
  return key.replace(/[%.$]/g, (character) => encodeURIComponent(character).replace('.', '%2E'));
}
