import { askedFrom, knownSince } from './facts.js';
import { type Rule } from './rule.js';

export const realTimeOrder: Rule = {
  name: 'real-time order',
  promise: 'An event that was known to be stored before another one was first sent has the lower sequence.',
  check(facts, findings) {
    // From the end of the log to its beginning: no event with a higher sequence may have been known before this one was
    // sent.
    let earliest = { known: Infinity, eventId: '', sequence: 0 };
    for (const { eventId, sequence } of facts.log.toSorted((a, b) => b.sequence - a.sequence)) {
      const asked = askedFrom(facts, eventId);
      const { known, ...higher } = earliest;
      findings.expect(
        known >= asked,
        () =>
          `${higher.eventId} (sequence ${higher.sequence}) was stored before ${eventId} (sequence ${sequence}) was sent`,
        facts.sightings.get(higher.eventId)?.[0],
        facts.appendsById.get(eventId)?.[0],
      );
      const own = knownSince(facts, eventId);
      if (own < known) earliest = { known: own, eventId, sequence };
    }
  },
};
