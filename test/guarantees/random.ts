/** True with this probability. */
export function chance(probability: number): boolean {
  return Math.random() < probability;
}

/** A whole number from `min` to `max`, both included. */
export function whole(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

export function pick<T>(items: readonly T[]): T {
  if (items.length === 0) throw new Error('nothing to pick from');
  return items[whole(0, items.length - 1)] as T;
}

/** One of the names, with a probability in proportion to its weight. */
export function weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
  const entries = Object.entries<number>(weights) as [Name, number][];
  let rest = Math.random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  return (entries.find(([, weight]) => (rest -= weight) < 0) ?? pick(entries))[0];
}

/** In any order. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
