import { type EventView, type SessionView } from '../api.js';
import { groupBy } from '../group-by.js';
import {
  isAppend,
  isComplete,
  isCreate,
  isRead,
  resourceOf,
  type Append,
  type Complete,
  type Create,
  type Exchange,
  type FinalSession,
  type History,
  type Read,
} from '../history.js';

/** An answer that showed an event as stored. */
export interface Sighting {
  readonly event: EventView;
  readonly exchange: Append | Read;
}

/** Everything a history knows of one session, arranged for the rules. */
export interface SessionFacts {
  readonly sessionId: string;
  readonly creates: readonly Create[];
  readonly appends: readonly Append[];
  readonly completes: readonly Complete[];
  readonly reads: readonly Read[];
  /** The appends of each eventId, in the order in which they were sent. */
  readonly appendsById: ReadonlyMap<string, readonly Append[]>;
  /** The answers that showed each eventId, in the order in which they came. */
  readonly sightings: ReadonlyMap<string, readonly Sighting[]>;
  /** The answers that showed the session as ended, in the order in which they came. */
  readonly ends: readonly { readonly session: SessionView; readonly exchange: Complete | Read }[];
  /** What each instance says in the end. */
  readonly finals: readonly FinalSession[];
  /** What is stored in the end, by the first of them. */
  readonly final: FinalSession;
}

export function factsOf({ exchanges, final }: History): SessionFacts[] {
  const exchangesOf = groupBy(exchanges, ({ request }) => request.sessionId);
  const finalsOf = groupBy(final, ({ sessionId }) => sessionId);
  return [...finalsOf].map(([sessionId, finals]) =>
    factsOfSession(sessionId, exchangesOf.get(sessionId) ?? [], finals),
  );
}

function factsOfSession(
  sessionId: string,
  exchanges: readonly Exchange[],
  finals: readonly FinalSession[],
): SessionFacts {
  const bySending = exchanges.toSorted((a, b) => a.sentAt - b.sentAt);
  const byEnding = exchanges.toSorted((a, b) => a.endedAt - b.endedAt);
  const appends = bySending.filter(isAppend);
  const [final] = finals;
  if (!final) throw new Error(`nothing is known of the end of ${sessionId}`);
  return {
    sessionId,
    creates: bySending.filter(isCreate),
    appends,
    completes: bySending.filter(isComplete),
    reads: bySending.filter(isRead),
    appendsById: groupBy(appends, ({ request }) => request.body.eventId),
    sightings: groupBy(byEnding.flatMap(sightingsIn), ({ event }) => event.eventId),
    ends: byEnding.flatMap(endsIn),
    finals,
    final,
  };
}

function sightingsIn(exchange: Exchange): Sighting[] {
  if (isAppend(exchange)) {
    const event = resourceOf(exchange);
    return event ? [{ event, exchange }] : [];
  }
  if (isRead(exchange)) return resourceOf(exchange)?.events.map((event) => ({ event, exchange })) ?? [];
  return [];
}

function endsIn(exchange: Exchange): SessionFacts['ends'] {
  if (!isComplete(exchange) && !isRead(exchange)) return [];
  const session = isComplete(exchange) ? resourceOf(exchange) : resourceOf(exchange);
  return session && session.endedAt !== null ? [{ session, exchange }] : [];
}

/** When an event was first known to be stored: the end of the first answer that showed it. */
export function knownSince(facts: SessionFacts, eventId: string): number {
  return facts.sightings.get(eventId)?.[0]?.exchange.endedAt ?? Infinity;
}

/** When an event was first asked to be stored; before that it can't have been. */
export function askedFrom(facts: SessionFacts, eventId: string): number {
  return facts.appendsById.get(eventId)?.[0]?.sentAt ?? Infinity;
}
