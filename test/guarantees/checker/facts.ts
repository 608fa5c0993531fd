import { type EventView, type SessionView } from '../api.js';
import { groupBy } from '../group-by.js';
import {
  isAppend,
  isBatch,
  isComplete,
  isCreate,
  isDelete,
  isPatch,
  isRead,
  resourceOf,
  type Answer,
  type Append,
  type Batch,
  type Complete,
  type Create,
  type Delete,
  type Exchange,
  type FinalSession,
  type Following,
  type History,
  type Patch,
  type Read,
  type Remains,
} from '../history.js';

/** A response that showed an event as stored. */
export interface Sighting {
  readonly event: EventView;
  readonly exchange: Append | Read;
}

/** What a history contains about one session, arranged for the rules. */
export interface SessionFacts {
  readonly sessionId: string;
  /** Every request, in the order in which they were sent. */
  readonly exchanges: readonly Exchange[];
  readonly creates: readonly Create[];
  readonly batches: readonly Batch[];
  readonly patches: readonly Patch[];
  readonly deletes: readonly Delete[];
  readonly completes: readonly Complete[];
  readonly reads: readonly Read[];
  /** The appends of each eventId, including those in batches, in the order of sending. */
  readonly appendsById: ReadonlyMap<string, readonly Append[]>;
  /** The responses that showed each eventId, in the order of arrival. */
  readonly sightings: ReadonlyMap<string, readonly Sighting[]>;
  /** The responses that showed the session as ended, in the order of arrival. */
  readonly ends: readonly { readonly session: SessionView; readonly exchange: Patch | Complete | Read }[];
  /** What each instance reports at the end. */
  readonly finals: readonly FinalSession[];
  /** What is stored at the end, according to the first instance. */
  readonly final: FinalSession;
  /** The log at the end; for a deleted session, the part of it that responses showed. */
  readonly log: readonly EventView[];
  /** What the store still has of the session, if it is deleted and the store was examined. */
  readonly remains: Remains | undefined;
  /** The connections of its follower, in order. */
  readonly followings: readonly Following[];
}

export function factsOf({ exchanges, final, remains, followings }: History): SessionFacts[] {
  const exchangesOf = groupBy(exchanges, ({ request }) => request.sessionId);
  const finalsOf = groupBy(final, ({ sessionId }) => sessionId);
  return [...finalsOf].map(([sessionId, finals]) => ({
    ...factsOfSession(sessionId, exchangesOf.get(sessionId) ?? [], finals),
    remains: remains.find((one) => one.sessionId === sessionId),
    followings: followings.filter((one) => one.sessionId === sessionId),
  }));
}

function factsOfSession(
  sessionId: string,
  exchanges: readonly Exchange[],
  finals: readonly FinalSession[],
): Omit<SessionFacts, 'remains' | 'followings'> {
  const bySending = exchanges.toSorted((a, b) => a.sentAt - b.sentAt);
  const byEnding = exchanges.toSorted((a, b) => a.endedAt - b.endedAt);
  const appends = bySending.flatMap(appendsIn);
  const [final] = finals;
  if (!final) throw new Error(`nothing is known of the end of ${sessionId}`);
  const sightings = groupBy(byEnding.flatMap(sightingsIn), ({ event }) => event.eventId);
  return {
    sessionId,
    exchanges: bySending,
    creates: bySending.filter(isCreate),
    batches: bySending.filter(isBatch),
    patches: bySending.filter(isPatch),
    deletes: bySending.filter(isDelete),
    completes: bySending.filter(isComplete),
    reads: bySending.filter(isRead),
    appendsById: groupBy(appends, ({ request }) => request.body.eventId),
    sightings,
    ends: byEnding.flatMap(endsIn),
    finals,
    final,
    log: final.deleted ? logOf(sightings) : final.events,
  };
}

/** The appends in a request: for a batch, one for each event, with its result. */
function appendsIn(exchange: Exchange): Append[] {
  if (isAppend(exchange)) return [exchange];
  if (!isBatch(exchange)) return [];
  const { answer, request, ...same } = exchange;
  const results = resourceOf(exchange)?.results;
  return request.body.events.map((body, place): Append => {
    const result = results?.[place];
    return {
      ...same,
      request: { kind: 'append', sessionId: request.sessionId, body, strict: false },
      ...(answer && { answer: { ...answer, ...(result && { ...result, body: result.event }) } as Answer }),
    } as Append;
  });
}

function logOf(sightings: SessionFacts['sightings']): EventView[] {
  const events = [...sightings.values()].flatMap(([first]) => first?.event ?? []);
  return events.sort((a, b) => a.sequence - b.sequence);
}

function sightingsIn(exchange: Exchange): Sighting[] {
  if (isRead(exchange)) return resourceOf(exchange)?.events.map((event) => ({ event, exchange })) ?? [];
  return appendsIn(exchange).flatMap((append) => {
    const event = resourceOf(append);
    return event ? [{ event, exchange: append }] : [];
  });
}

function endsIn(exchange: Exchange): SessionFacts['ends'] {
  if (!isComplete(exchange) && !isPatch(exchange) && !isRead(exchange)) return [];
  const session = isRead(exchange) ? resourceOf(exchange) : resourceOf(exchange);
  return session && session.endedAt !== null ? [{ session, exchange }] : [];
}

/** When an event was first known to be stored: at the end of the first response that showed it. */
export function knownSince(facts: SessionFacts, eventId: string): number {
  return facts.sightings.get(eventId)?.[0]?.exchange.endedAt ?? Infinity;
}

/** When an event was first sent; it can't have been stored before. */
export function askedFrom(facts: SessionFacts, eventId: string): number {
  return facts.appendsById.get(eventId)?.[0]?.sentAt ?? Infinity;
}
