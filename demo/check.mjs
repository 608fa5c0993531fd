// Checks for everything that the tour shows.

import { isDeepStrictEqual } from 'node:util';

/** A result is not what the step states. */
export class CheckFailed extends Error {
  constructor(what, expected, got) {
    super(`${what}\n  expected  ${describe(expected)}\n  got       ${describe(got)}`);
    this.name = 'CheckFailed';
  }
}

/** Throws unless both values are equal. */
export function same(what, got, expected) {
  if (!isDeepStrictEqual(got, expected)) throw new CheckFailed(what, expected, got);
}

/** Throws unless the answer has this status; the message shows the answer's body. */
export function status(answer, expected) {
  if (answer.status === expected) return;
  const got = `${answer.status} ${describe(answer.body)}`;
  throw new CheckFailed(`the status of ${answer.method} ${answer.path}`, expected, got);
}

/** Throws unless the answer has these headers with these values; null means absent. */
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
