import { type EventView, type ReadQuery } from '../api.js';

/** Compares two events in the sort and order of a read. */
export function inOrderOf({
  sort,
  order,
}: Pick<ReadQuery, 'sort' | 'order'>): (a: EventView, b: EventView) => number {
  const sign = order === 'asc' ? 1 : -1;
  return (a, b) =>
    sign *
    (sort === 'sequence'
      ? a.sequence - b.sequence
      : Date.parse(a.timestamp) - Date.parse(b.timestamp) || a.sequence - b.sequence);
}
