import { isDeepStrictEqual } from 'node:util';
import { type SessionBody } from '../../support/representations.js';
import {
  groupBy,
  is,
  ofKind,
  resourceOf,
  type Answer,
  type Event,
  type Exchange,
  type FinalSession,
  type Following,
  type History,
  type Look,
  type ReadQuery,
} from '../history.js';

/** A response that showed an event as stored. */
export interface Sighting {
  readonly event: Event;
  readonly exchange: Exchange<'append' | 'read'>;
}

/** What a history contains about one session, arranged for the rules. */
export interface SessionFacts {
  readonly sessionId: string;
  /** Every request, in the order in which they were sent. */
  readonly exchanges: readonly Exchange[];
  readonly reads: readonly Exchange<'read'>[];
  readonly deletes: readonly Exchange<'delete'>[];
  /** The appends of each eventId, including those in batches, in the order of sending. */
  readonly appendsById: ReadonlyMap<string, readonly Exchange<'append'>[]>;
  /** The responses that showed each eventId, in the order of arrival. */
  readonly sightings: ReadonlyMap<string, readonly Sighting[]>;
  /** The responses that showed the session as ended, in the order of arrival. */
  readonly ends: readonly { readonly session: SessionBody; readonly exchange: Exchange }[];
  /** What each instance reports at the end. */
  readonly finals: readonly FinalSession[];
  /** What is stored at the end, according to the first instance. */
  readonly final: FinalSession;
  /** The log at the end; for a deleted session, the part of it that responses showed. */
  readonly log: readonly Event[];
  readonly looks: readonly Look[];
  /** The connections of its follower, in order. */
  readonly followings: readonly Following[];
}

export function factsOf({ exchanges, final, looks, followings }: History): SessionFacts[] {
  const exchangesOf = groupBy(exchanges, ({ sessionId }) => sessionId);
  const finalsOf = groupBy(final, ({ sessionId }) => sessionId);
  return [...finalsOf].map(([sessionId, finals]) => ({
    ...factsOfSession(exchangesOf.get(sessionId) ?? []),
    sessionId,
    finals,
    final: finals[0] as FinalSession,
    looks: looks.filter((one) => one.sessionId === sessionId),
    followings: followings.filter((one) => one.sessionId === sessionId),
    get log() {
      if (!this.final.deleted) return this.final.events;
      const shown = [...this.sightings.values()].flatMap(([first]) => first?.event ?? []);
      return shown.sort((a, b) => a.sequence - b.sequence);
    },
  }));
}

function factsOfSession(exchanges: readonly Exchange[]) {
  const bySending = exchanges.toSorted((a, b) => a.sentAt - b.sentAt);
  const byEnding = exchanges.toSorted((a, b) => a.endedAt - b.endedAt);
  return {
    exchanges: bySending,
    reads: ofKind(bySending, 'read'),
    deletes: ofKind(bySending, 'delete'),
    appendsById: groupBy(bySending.flatMap(appendsIn), ({ request }) => request.body.eventId),
    sightings: groupBy(byEnding.flatMap(sightingsIn), ({ event }) => event.eventId),
    ends: byEnding.flatMap((exchange) => {
      const session = is(exchange, 'complete', 'patch', 'read') && resourceOf(exchange);
      return session && session.endedAt !== null ? [{ session, exchange }] : [];
    }),
  };
}

/** The appends in a request: for a batch, one for each event, with its result. */
function appendsIn(exchange: Exchange): Exchange<'append'>[] {
  if (is(exchange, 'append')) return [exchange];
  if (!is(exchange, 'batch')) return [];
  const { answer, request, ...same } = exchange;
  const results = resourceOf(exchange)?.results;
  return request.body.events.map((body, place): Exchange<'append'> => {
    const result = results?.[place];
    const own = answer && {
      answer: { ...answer, ...(result && { ...result, body: result.event }) } as Answer<Event>,
    };
    return { ...same, kind: 'append', request: { body, strict: false }, ...own };
  });
}

function sightingsIn(exchange: Exchange): Sighting[] {
  if (is(exchange, 'read')) return resourceOf(exchange)?.events.map((event) => ({ event, exchange })) ?? [];
  return appendsIn(exchange).flatMap((append) => {
    const event = resourceOf(append);
    return event ? [{ event, exchange: append }] : [];
  });
}

/** When an event was first known to be stored: at the end of the first response that showed it. */
export function knownSince(facts: SessionFacts, eventId: string): number {
  return facts.sightings.get(eventId)?.[0]?.exchange.endedAt ?? Infinity;
}

/** When an event was first sent; it can't have been stored before. */
export function askedFrom(facts: SessionFacts, eventId: string): number {
  return facts.appendsById.get(eventId)?.[0]?.sentAt ?? Infinity;
}

/** The end of the first of these exchanges; Infinity if there is none. */
export function firstEnd(exchanges: readonly Exchange[]): number {
  return Math.min(...exchanges.map(({ endedAt }) => endedAt));
}

/** Equal except for `late`, which only reads show; and for the content, if one of the two is redacted. */
export function sameEvent(a: Event, b: Event): boolean {
  const isRedacted = a.redactedAt !== undefined || b.redactedAt !== undefined;
  return (
    a.eventId === b.eventId &&
    a.sessionId === b.sessionId &&
    a.sequence === b.sequence &&
    a.type === b.type &&
    a.timestamp === b.timestamp &&
    a.receivedAt === b.receivedAt &&
    (isRedacted || isDeepStrictEqual(a.payload, b.payload))
  );
}

/** Whether an append has the content of an event; times that the server filled in are ignored. */
export function asksFor({ request: { body } }: Exchange<'append'>, event: Event): boolean {
  return (
    body.type === event.type &&
    (body.timestamp === undefined || body.timestamp === event.timestamp) &&
    (event.redactedAt !== undefined || isDeepStrictEqual(body.payload, event.payload))
  );
}

type Compare = (a: Event, b: Event) => number;

const bySequence: Compare = (a, b) => a.sequence - b.sequence;
const byTime: Compare = (a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || bySequence(a, b);

/** Compares two events in the sort and order of a read. */
export function inOrderOf({ sort, order }: Pick<ReadQuery, 'sort' | 'order'>): Compare {
  const ascending = sort === 'sequence' ? bySequence : byTime;
  return order === 'asc' ? ascending : (a, b) => -ascending(a, b);
}
