const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/i;

/**
 * Parses a date and time of RFC 3339, to the millisecond (finer digits are cut off, as the service's clock has none).
 *
 * Stricter than `Date.parse`, which turns 30 February into 1 March and takes a time without an offset as local.
 *
 * @returns undefined if there is no text, or it has another form, names a day or time that does not exist, or lies
 * outside the years 0000–9999 in UTC. A leap second (`:60`) counts as not existing: a JavaScript date can't hold one.
 */
export function parseRfc3339(text: string | undefined): Date | undefined {
  const match = RFC_3339.exec(text ?? '');
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , , , , , fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
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
