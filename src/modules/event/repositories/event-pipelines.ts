import { type QueryFilter } from 'mongoose';
import { type Event } from '../schemas/event.schema.js';
import { type EventFilter, type EventKey, type EventOrder, type EventSort } from '../reading/event-query.js';

/** Stages over the collection of events whose head an index serves. */
export type EventPipeline = readonly [{ $match: QueryFilter<Event> }, ...Stage[]];

type Stage =
  | { readonly $sort: Readonly<Record<string, 1 | -1>> }
  | { readonly $skip: number }
  | { readonly $limit: number }
  | { readonly $project: Readonly<Record<string, 0 | 1>> }
  | { readonly $group: { readonly _id: 1; readonly total: { readonly $sum: 1 } } };

/** A stretch of an ordered list of events. */
export interface Slice {
  readonly order: EventOrder;
  readonly skip?: number;
  readonly limit: number;
}

/** The conditions of a page, in addition to its filter. */
interface Bounds {
  readonly timestamp?: Date | { readonly $gt: Date } | { readonly $lt: Date };
  readonly sequence?: { readonly $gt: number } | { readonly $lt: number } | { readonly $lte: number };
}

const DIRECTIONS = { asc: 1, desc: -1 } as const;

/** The last event of a log, without its content. */
export function tailOf(sessionId: string): EventPipeline {
  return [
    { $match: { sessionId } },
    { $sort: { sequence: -1 } },
    { $limit: 1 },
    { $project: { _id: 0, sessionId: 1, sequence: 1, timestamp: 1, unordered: 1, closed: 1 } },
  ];
}

/** The number of events that a filter selects, as `total`; no document if there are none. */
export function countOf(sessionId: string, filter: EventFilter): EventPipeline {
  return [{ $match: selecting(sessionId, filter) }, { $group: { _id: 1, total: { $sum: 1 } } }];
}

/** Events in either order. Costs one index entry for each event that it skips, without reading it. */
export function pageOf(sessionId: string, filter: EventFilter, sort: EventSort, slice: Slice): EventPipeline {
  return sorted(selecting(sessionId, filter), sort, slice);
}

/** Events in the order of the log, up to and including the sequence `upTo`. */
export function pageUpTo(sessionId: string, filter: EventFilter, upTo: number, slice: Slice): EventPipeline {
  return sorted(selecting(sessionId, filter, { sequence: { $lte: upTo } }), 'sequence', slice);
}

/**
 * The events after `key`. In chronological order there are two parts, each a range of one index: events of the same
 * millisecond, and all others. Their cost does not depend on how many events share a millisecond.
 */
export function pagesAfter(
  sessionId: string,
  filter: EventFilter,
  sort: EventSort,
  key: EventKey,
  slice: Slice,
): EventPipeline[] {
  const after = <T>(value: T) => (slice.order === 'asc' ? { $gt: value } : { $lt: value });
  const beyond = (bounds: Bounds) => sorted(selecting(sessionId, filter, bounds), sort, slice);
  if (sort === 'sequence') return [beyond({ sequence: after(key.sequence) })];
  return [
    beyond({ timestamp: key.timestamp, sequence: after(key.sequence) }),
    beyond({ timestamp: after(key.timestamp) }),
  ];
}

function sorted(
  filter: QueryFilter<Event>,
  sort: EventSort,
  { order, skip = 0, limit }: Slice,
): EventPipeline {
  const direction = DIRECTIONS[order];
  return [
    { $match: filter },
    { $sort: sort === 'sequence' ? { sequence: direction } : { timestamp: direction, sequence: direction } },
    ...(skip > 0 ? [{ $skip: skip }] : []),
    { $limit: limit },
  ];
}

/**
 * The query for a filter within the bounds of a page, with one range per field, which an index can serve. If both have
 * the same end of a range, the page's is the narrower one, as its key has passed the filter before.
 */
function selecting(sessionId: string, filter: EventFilter, bounds: Bounds = {}): QueryFilter<Event> {
  const { type, from, to, afterSequence } = filter;
  const timestamp =
    bounds.timestamp instanceof Date
      ? bounds.timestamp
      : { ...(from && { $gte: from }), ...(to && { $lt: to }), ...bounds.timestamp };
  const sequence = { ...(afterSequence && { $gt: afterSequence }), ...bounds.sequence };
  return {
    sessionId,
    ...(type && { type: type.length === 1 ? type[0] : { $in: type } }),
    ...(!isEmpty(timestamp) && { timestamp }),
    ...(!isEmpty(sequence) && { sequence }),
  };
}

function isEmpty(condition: object): boolean {
  return !(condition instanceof Date) && Object.keys(condition).length === 0;
}
