import { withoutMark } from './altered-numbers.js';

const TEXT =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))$/i;

/** A number below this is a Unix time in seconds, up to the year 5138; from here on it is in milliseconds, from 1973 on. */
const FIRST_MILLISECONDS = 1e11;
/** Numbers from here on are refused: they are microseconds or nanoseconds of our time. */
const TOO_LARGE = 1e14;

/**
 * Reads a time to the millisecond; finer digits are cut off, as the service's clock has none.
 *
 * - A text is a date and time of RFC 3339. A space may stand for the `T`, and the colon of the offset may be missing.
 * - A number that is not negative is the Unix time: below 10^11 in seconds, from there below 10^14 in milliseconds. So
 *   every moment between 1973 and 5138 can be sent either way.
 *
 * Stricter than `Date.parse`, which turns 30 February into 1 March and takes a time without an offset as local.
 *
 * @returns undefined if it has another form, names a day or time that does not exist, or lies outside the years
 * 0000–9999 in UTC. A leap second (`:60`) counts as not existing: a JavaScript date can't hold one.
 */
export function parseTime(sent: unknown): Date | undefined {
  if (typeof sent === 'number') return fromUnix(sent);
  return typeof sent === 'string' ? fromText(sent) : undefined;
}

/**
 * The same for a query, where everything is text; a date alone is its midnight in UTC. A number of fewer than nine digits
 * (in seconds, before 1973) is refused: `2026` would be meant as a year.
 */
export function parseQueryTime(sent: unknown): Date | undefined {
  if (typeof sent !== 'string') return undefined;
  if (/^\d{9,15}(\.\d+)?$/.test(sent)) return fromUnix(Number(sent));
  return fromText(/^\d{4}-\d{2}-\d{2}$/.test(sent) ? `${sent}T00:00:00Z` : sent);
}

function fromUnix(time: number): Date | undefined {
  if (!(time >= 0 && time < TOO_LARGE)) return undefined;
  const ms = time < FIRST_MILLISECONDS ? time * 1000 : time;
  // 1772366400.123 × 1000 is 1772366400122.9999: as much as doubles may be wrong by is not cut off.
  const nearest = Math.round(ms);
  return new Date(Math.abs(ms - nearest) <= ms * Number.EPSILON ? nearest : Math.floor(ms));
}

function fromText(text: string): Date | undefined {
  const match = TEXT.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match.slice(7);
  if (hour > 23 || minute > 59 || second > 59 || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) {
    return undefined;
  }
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day); // Date.UTC takes the years 0–99 as 1900–1999
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined;
  local.setUTCHours(hour, minute, second, Number(fraction.slice(0, 3).padEnd(3, '0')));

  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const utc = new Date(local.getTime() - offset);
  return utc.getUTCFullYear() >= 0 && utc.getUTCFullYear() <= 9999 ? utc : undefined;
}

/** Why a value, which would be a `Date` if `parseTime` had read it, is not a time, and what to send instead. */
export function faultOfTime(value: unknown, name: string): string | undefined {
  if (value instanceof Date) return undefined;
  return `${name} must be a date and time of RFC 3339 with an offset or Z, such as "2026-03-01T12:00:00.000Z", or the Unix time in seconds or milliseconds${hint(value)}`;
}

/** What the most frequent mistakes are about. */
function hint(value: unknown): string {
  const text = withoutMark(String(typeof value === 'number' || typeof value === 'string' ? value : ''));
  if (Number(text) >= TOO_LARGE) return '; this is too large a number for either';
  if (/ \d\d:?\d\d$/.test(text)) return ' (write "+" as %2B in a URL)';
  if (/^\d{4}-\d\d-\d\d[T ][\d:.]+$/i.test(text))
    return '; this has no offset, so it may be several moments: add Z if it is UTC';
  return '';
}
