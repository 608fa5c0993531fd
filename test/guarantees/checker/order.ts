import { type EventView, type ReadQuery } from '../api.js';

type Compare = (a: EventView, b: EventView) => number;

const bySequence: Compare = (a, b) => a.sequence - b.sequence;

const byTime: Compare = (a, b) =>
  a.timestamp === b.timestamp
    ? bySequence(a, b)
    : Date.parse(a.timestamp) - Date.parse(b.timestamp) || bySequence(a, b);

/** Compares two events in the sort and order of a read. */
export function inOrderOf({ sort, order }: Pick<ReadQuery, 'sort' | 'order'>): Compare {
  const ascending = sort === 'sequence' ? bySequence : byTime;
  return order === 'asc' ? ascending : (a, b) => -ascending(a, b);
}
