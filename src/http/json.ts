import { hash } from 'node:crypto';

/** A JSON object of a client, with any content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Whether two JSON values are the same, key order aside; -0 is 0, as it is in the JSON that is answered.
 *
 * Not a general comparison of JavaScript objects: those ask `constructor`, `valueOf` or `toString` of a value, and here
 * these may be keys that a client sent.
 */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a); // of an array, its indexes
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson((a as JsonObject)[key], (b as JsonObject)[key]))
  );
}

/**
 * A digest of a JSON value as it is answered, its keys' order included: two values that have the same one are written as
 * the same JSON. (Two of the same content may have different ones; `sameJson` tells.) 132 bits of SHA-256, as text.
 */
export function digestOf(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'base64url').slice(0, 22);
}
