const DAY_MS = 86_400_000;

const dates = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const weekdays = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long' });

/** The date in UTC, for people: "1 March 2026". */
export function dateOf(time: Date): string {
  return dates.format(time);
}

/** The date with its weekday: "Sunday 1 March 2026". */
export function dayOf(time: Date): string {
  return `${weekdays.format(time)} ${dateOf(time)}`;
}

/** The time of day in UTC, to the second. */
export function clockOf(time: Date): string {
  return time.toISOString().slice(11, 19);
}

/** The time between, as a watch counts: "0:05", "1:02:03", "−0:02". */
export function span(from: Date, to: Date): string {
  const milliseconds = to.getTime() - from.getTime();
  const all = Math.floor(Math.abs(milliseconds) / 1000);
  const two = (number: number) => String(number).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return milliseconds < 0 && all > 0 ? `−${text}` : text;
}

/**
 * The position of a time in its conversation; undefined if it is a day or more away. Then the two come from different
 * clocks (a call recorded from old data starts when it is recorded), and the distance means nothing.
 */
export function offsetIn(startedAt: Date, time: Date): string | undefined {
  return Math.abs(time.getTime() - startedAt.getTime()) < DAY_MS ? span(startedAt, time) : undefined;
}
