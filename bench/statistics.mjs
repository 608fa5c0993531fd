/** The median of a list of numbers. */
export function median(numbers) {
  return percentile(numbers, 0.5);
}

/** A quantile, interpolated linearly. */
export function percentile(numbers, part) {
  const sorted = Float64Array.from(numbers).sort();
  const place = (sorted.length - 1) * part;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/** The median of two lists' ratios round by round, since a drift of the machine affects both alike. */
export function ratioByRound(numerators, denominators) {
  return median(numerators.map((value, round) => value / denominators[round]));
}

/** Rounds the numbers of a report's raw data to five significant digits; more would be noise. */
export function rounded(value) {
  if (typeof value === 'number') return Number(value.toPrecision(5));
  if (Array.isArray(value)) return value.map(rounded);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, rounded(each)]));
}
