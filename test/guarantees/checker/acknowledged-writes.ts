import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../group-by.js';
import { resourceOf, type Append } from '../history.js';
import { type EventView } from '../api.js';
import { createdPart } from './patches-kept.js';
import { type Rule } from './rule.js';

export const acknowledgedWrites: Rule = {
  name: 'acknowledged writes',
  promise:
    'Every event that an answer showed is stored in the end, once, with the same content, sequence and times; every created session too, unless it was deleted; and nothing is stored that nobody sent.',
  check(facts, findings) {
    if (facts.final.deleted) return;
    const stored = groupBy(facts.final.events, ({ eventId }) => eventId);

    for (const [eventId, sightings] of facts.sightings) {
      const copies = stored.get(eventId) ?? [];
      findings.expect(
        copies.length === 1,
        () => `${eventId} was answered as stored and is there ${copies.length} times`,
        sightings[0],
        ...copies,
      );
      for (const { event, exchange } of sightings) {
        findings.expect(
          copies.length !== 1 || sameEvent(event, copies[0] as EventView),
          () => `${eventId} was answered otherwise than it is stored`,
          exchange,
          copies[0],
        );
      }
    }

    for (const event of facts.final.events) {
      const sent = facts.appendsById.get(event.eventId) ?? [];
      findings.expect(
        sent.some((append) => asksFor(append, event)),
        () => `${event.eventId} is stored with a content that nobody sent`,
        event,
        ...sent,
      );
    }

    const { session } = facts.final;
    for (const create of facts.creates) {
      const answered = resourceOf(create);
      if (!answered) continue;
      findings.expect(
        session !== null &&
          session.startedAt === answered.startedAt &&
          session.language === answered.language &&
          isDeepStrictEqual(createdPart(session.metadata), createdPart(answered.metadata)),
        () => 'the session was answered as created and is not stored so',
        create,
        session,
      );
    }
    for (const { session: end, exchange } of facts.ends) {
      findings.expect(
        session !== null &&
          session.endedAt === end.endedAt &&
          session.finalSequence === end.finalSequence &&
          session.status === end.status,
        () => 'the session was answered as ended and is not stored so',
        exchange,
        session,
      );
    }
  },
};

/** Equal except for `late`, which only reads show. */
export function sameEvent(a: EventView, b: EventView): boolean {
  return (
    a.eventId === b.eventId &&
    a.sessionId === b.sessionId &&
    a.sequence === b.sequence &&
    a.type === b.type &&
    a.timestamp === b.timestamp &&
    a.receivedAt === b.receivedAt &&
    isDeepStrictEqual(a.payload, b.payload)
  );
}

/** Whether an append has the content of an event; times that the server filled in are ignored. */
export function asksFor({ request: { body } }: Append, event: EventView): boolean {
  return (
    body.type === event.type &&
    (body.timestamp === undefined || body.timestamp === event.timestamp) &&
    isDeepStrictEqual(body.payload, event.payload)
  );
}
