const DAY_MS = 86_400_000;

const dates = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const weekdays = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long' });

/** The date of a time in UTC, for people: "1 March 2026". */
export function dateOf(time: Date): string {
  return dates.format(time);
}

/** The same with its weekday: "Sunday 1 March 2026". */
export function dayOf(time: Date): string {
  return `${weekdays.format(time)} ${dateOf(time)}`;
}

/** The time of day in UTC, to the second. */
export function clockOf(time: Date): string {
  return time.toISOString().slice(11, 19);
}

/** How long from one time to another: "0:05", "1:02:03", "−0:02"; to the second, counted as a watch does. */
export function span(from: Date, to: Date): string {
  const milliseconds = to.getTime() - from.getTime();
  const all = Math.floor(Math.abs(milliseconds) / 1000);
  const two = (number: number) => String(number).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return milliseconds < 0 && all > 0 ? `−${text}` : text;
}

/**
 * Where in its conversation a time stands; undefined where the two are a day apart or more. Then they belong to
 * different clocks (a call recorded from old data starts when it is recorded), and the distance means nothing.
 */
export function offsetIn(startedAt: Date, time: Date): string | undefined {
  return Math.abs(time.getTime() - startedAt.getTime()) < DAY_MS ? span(startedAt, time) : undefined;
}
