import { EVENT_TYPES, type EventType } from '../event-type.js';

export const EVENT_SORTS = ['timestamp', 'sequence'] as const;
export type EventSort = (typeof EVENT_SORTS)[number];

export const EVENT_ORDERS = ['asc', 'desc'] as const;
export type EventOrder = (typeof EVENT_ORDERS)[number];

/** Types in the form of a filter: each once and in one order; all of them are no filter. */
export function typesOf(types: readonly EventType[] | undefined): readonly EventType[] | undefined {
  const wanted = EVENT_TYPES.filter((known) => types?.includes(known));
  return wanted.length === 0 || wanted.length === EVENT_TYPES.length ? undefined : wanted;
}

/** A filter of events; undefined fields do not restrict. */
export interface EventFilter {
  /** Of one of these types. */
  readonly type?: readonly EventType[] | undefined;
  /** At or after this time. */
  readonly from?: Date | undefined;
  /** Before this time. */
  readonly to?: Date | undefined;
  /** Only events with a higher sequence. */
  readonly afterSequence?: number | undefined;
}

/** An event's place in both sorts; what a cursor points at. */
export interface EventKey {
  readonly timestamp: Date;
  readonly sequence: number;
}

/** Filter and order: what stays the same from page to page. */
export interface EventSelection {
  readonly filter: EventFilter;
  readonly sort: EventSort;
  readonly order: EventOrder;
}

/** One page of a selection by its number. */
export type PageQuery = EventSelection & {
  readonly limit: number;
  readonly page: number;
  readonly after?: undefined;
};

/** The page after an event of a selection. */
export type CursorQuery = EventSelection & {
  readonly limit: number;
  readonly after: EventKey;
  readonly page?: undefined;
};

export type EventQuery = PageQuery | CursorQuery;
