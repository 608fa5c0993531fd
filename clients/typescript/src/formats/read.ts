// Reading what a provider sent: it may be anything, and what is wrong is told with its place.

/** Something that can't be converted. */
export interface Fault {
  /** Where it is in the input: `artifact.messages[3].time`. */
  readonly place: string;
  readonly problem: string;
}

/** The input is not what the provider sends. */
export class FormatError extends Error implements Fault {
  override readonly name = 'FormatError';

  /** @param place where in the input; an empty text for the whole of it. */
  constructor(
    readonly place: string,
    readonly problem: string,
  ) {
    super(`${place} ${problem}`.trimStart());
  }
}

/** A JSON object of a provider, which may have any fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws FormatError */
export function object(value: unknown, place: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new FormatError(place, 'is not an object');
}

/** A list, which may be missing. @throws FormatError */
export function list(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === undefined || value === null) return [];
  throw new FormatError(place, 'is not a list');
}

/** @throws FormatError */
export function text(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  throw new FormatError(place, value === undefined ? 'is missing' : 'is not a text');
}

/** The fields of what may be missing. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** Numbers below are seconds, from there on milliseconds: both say every moment from 1973 to 5138. */
const FIRST_MS = 1e11;
const END_MS = 1e14;

const RFC_3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/i;
/** As in mail, and as Twilio writes it. */
const RFC_2822 = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d ([+-]\d{4}|GMT)$/;

/**
 * A time as the service answers it: UTC, in milliseconds.
 *
 * @param value a Unix time in seconds or milliseconds, fractions allowed, or a text with an offset; undefined or null for none.
 * @throws FormatError
 */
export function time(value: unknown, place: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = Math.round(millisecondsOf(value));
  if (ms >= 0 && ms < END_MS) return new Date(ms).toISOString();
  const needed = 'a time with an offset, or in seconds or milliseconds since 1970';
  throw new FormatError(place, `is ${JSON.stringify(value)}, but has to be ${needed}`);
}

function millisecondsOf(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number') return value < FIRST_MS ? value * 1000 : value;
  if (typeof value !== 'string' || !(RFC_3339.test(value) || RFC_2822.test(value))) return NaN;
  return Date.parse(value.replace(/^(\S+) (\d\d:)/, '$1T$2').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
}
