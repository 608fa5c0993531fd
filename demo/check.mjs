// The tour checks what it shows.

import { isDeepStrictEqual } from 'node:util';

/** Something was not as the step says it is. */
export class CheckFailed extends Error {
  constructor(what, expected, got) {
    super(`${what}\n  expected  ${describe(expected)}\n  got       ${describe(got)}`);
    this.name = 'CheckFailed';
  }
}

/** Throws unless both are the same value. */
export function same(what, got, expected) {
  if (!isDeepStrictEqual(got, expected)) throw new CheckFailed(what, expected, got);
}

/** Throws unless the answer has this status; the answer's body says why it has another one. */
export function status(answer, expected) {
  if (answer.status === expected) return;
  const got = `${answer.status} ${describe(answer.body)}`;
  throw new CheckFailed(`the status of ${answer.method} ${answer.path}`, expected, got);
}

/** Throws unless the answer has these headers with these values; null: does not have it. */
export function headers(answer, expected) {
  for (const [name, value] of Object.entries(expected)) {
    same(`the header ${name} of ${answer.method} ${answer.path}`, answer.headers.get(name), value);
  }
}

/** How often each value occurs, as `{ value: count }`. */
export function tally(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** The numbers from 1 to `last`. */
export const oneTo = (last) => Array.from({ length: last }, (_, index) => index + 1);

function describe(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text !== undefined && text.length > 600 ? `${text.slice(0, 600)}…` : String(text);
}
