import { type Rule } from './rule.js';

export const denseSequences: Rule = {
  name: 'dense sequences',
  promise:
    'The sequences of a session are 1, 2, 3 … without a gap, and no place was ever shown with two events.',
  check({ final, sightings }, findings) {
    const places = final.events.map(({ sequence }) => sequence).sort((a, b) => a - b);
    places.forEach((sequence, index) => {
      findings.expect(
        sequence === index + 1,
        () => `place ${index + 1} of the log holds sequence ${sequence}`,
        places,
      );
    });

    const shown = new Map<number, { eventId: string; evidence: unknown }>();
    for (const [eventId, seen] of sightings) {
      for (const { event, exchange } of seen) {
        const other = shown.get(event.sequence);
        findings.expect(
          other === undefined || other.eventId === eventId,
          () => `sequence ${event.sequence} was shown for both ${other?.eventId ?? ''} and ${eventId}`,
          exchange,
          other?.evidence,
        );
        if (!other) shown.set(event.sequence, { eventId, evidence: exchange });
      }
    }
  },
};
