/** A JSON object as a client sent it; what is inside is the client's business. */
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
