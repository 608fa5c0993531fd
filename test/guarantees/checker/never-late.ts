import { isUnknown, type Complete } from '../history.js';
import { askedFrom, knownSince, type SessionFacts } from './facts.js';
import { type Rule } from './rule.js';

export const neverLate: Rule = {
  name: 'late means after the end',
  promise:
    'An event acknowledged before the completing request was sent has `sequence <= finalSequence`; one first sent after the end was acknowledged has a higher one.',
  check(facts, findings) {
    const { session, events } = facts.final;
    if (!session || session.finalSequence === null) return;
    const { finalSequence } = session;
    const sentFrom = endAskedFrom(facts);
    const endedBy = facts.ends[0]?.exchange.endedAt ?? Infinity;
    for (const event of events) {
      const known = knownSince(facts, event.eventId);
      findings.expect(
        event.sequence <= finalSequence || known >= sentFrom,
        () =>
          `${event.eventId} was acknowledged before the end was asked for, but has sequence ${event.sequence} > ${finalSequence}`,
        facts.sightings.get(event.eventId)?.[0],
        facts.completes,
      );
      findings.expect(
        event.sequence > finalSequence || askedFrom(facts, event.eventId) <= endedBy,
        () =>
          `${event.eventId} was first sent after the end, but has sequence ${event.sequence} <= ${finalSequence}`,
        facts.appendsById.get(event.eventId)?.[0],
        facts.ends[0],
      );
    }
  },
};

/** The earliest moment at which the request that ended the session may have been sent. */
function endAskedFrom({ completes }: SessionFacts): number {
  const winner = completes.find(({ answer }) => answer?.status === 200 && !answer.replayed);
  const candidates: readonly Complete[] = winner ? [winner] : completes.filter(isUnknown);
  return Math.min(...candidates.map(({ sentAt }) => sentAt));
}
