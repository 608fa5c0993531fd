/** A JSON object of a client, with any content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Whether two JSON values are equal, regardless of the order of keys; -0 equals 0, as in the JSON of responses.
 *
 * General comparisons of JavaScript objects would not do: they use a value's `constructor`, `valueOf` or `toString`,
 * which may be keys that a client sent.
 */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a); // for an array, its indexes
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson((a as JsonObject)[key], (b as JsonObject)[key]))
  );
}

/**
 * JSON in which no character ends a line. JSON allows three that Unicode counts as line ends (U+2028, U+2029, U+0085) in
 * strings; readers that split lines by Unicode's rules would lose what has one.
 */
export function jsonLine(value: object): string {
  return JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
