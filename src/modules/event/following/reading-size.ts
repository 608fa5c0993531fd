/** How many events are read at first. */
export const FIRST_LIMIT = 10;
/** How many bytes a stream holds at a time: a slow client holds no more than one reading. */
const WANTED_BYTES = 256 * 1024;

/**
 * How many events to read next: as many as come to some 256 KiB.
 *
 * @param length of what the last reading came to as text.
 * @param limit of the last reading.
 * @param most events to read at once, however small.
 */
export function nextLimit(length: number, limit: number, most: number): number {
  return Math.min(most, Math.max(1, length > WANTED_BYTES ? Math.floor(limit / 2) : limit * 2));
}
