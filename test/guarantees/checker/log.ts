import { isDeepStrictEqual } from 'node:util';
import { isUnknown, ofKind, resourceOf, type FinalSession } from '../history.js';
import { askedFrom, knownSince, type SessionFacts } from './facts.js';
import { type Rule } from './rule.js';

export const denseSequences: Rule = {
  name: 'dense sequences',
  check({ final, sightings }, findings) {
    final.events.forEach(({ sequence }, index) => {
      findings.expect(
        sequence === index + 1,
        () => `place ${index + 1} of the log holds sequence ${sequence}`,
        final,
      );
    });
    const shown = new Map<number, string>();
    for (const { event, exchange } of [...sightings.values()].flat()) {
      const other = shown.get(event.sequence) ?? event.eventId;
      findings.expect(
        other === event.eventId,
        () => `sequence ${event.sequence} was shown for both ${other} and ${event.eventId}`,
        exchange,
        sightings.get(other)?.[0],
      );
      shown.set(event.sequence, other);
    }
  },
};

export const realTimeOrder: Rule = {
  name: 'real-time order',
  check(facts, findings) {
    // From the end of the log to its beginning: no event with a higher sequence may have been known before this one was
    // sent.
    let earliest = { known: Infinity, eventId: '' };
    for (const { eventId } of facts.log.toReversed()) {
      const { known, eventId: higher } = earliest;
      findings.expect(
        known >= askedFrom(facts, eventId),
        () => `${higher} has a higher sequence than ${eventId}, and was stored before that was sent`,
        facts.sightings.get(higher)?.[0],
        facts.appendsById.get(eventId)?.[0],
      );
      const own = knownSince(facts, eventId);
      if (own < known) earliest = { known: own, eventId };
    }
  },
};

export const oneEnd: Rule = {
  name: 'one end',
  check({ ends, reads, final }, findings) {
    const [first] = ends;
    if (!first) return;
    const endOf = ({ status, endedAt, finalSequence }: typeof first.session) =>
      `${status} ${endedAt ?? '-'} at ${finalSequence ?? '-'}`;
    const end = endOf(first.session);
    const shown = [
      ...ends.map(({ session, exchange }) => ({ session, evidence: exchange as unknown })),
      ...(final.deleted || !final.session ? [] : [{ session: final.session, evidence: final }]),
      ...reads
        .filter((read) => read.sentAt > first.exchange.endedAt)
        .flatMap((read) => ({ session: resourceOf(read) ?? first.session, evidence: read })),
    ];
    for (const { session, evidence } of shown) {
      findings.expect(
        endOf(session) === end,
        () => `the session ended: ${end}; and was shown as ${endOf(session)}`,
        first.exchange,
        evidence,
      );
    }
  },
};

export const neverLate: Rule = {
  name: 'late means after the end',
  check(facts, findings) {
    const { session, events } = facts.final;
    if (!session || session.finalSequence === null) return;
    const { finalSequence } = session;
    const sentFrom = endAskedFrom(facts);
    const endedBy = facts.ends[0]?.exchange.endedAt ?? Infinity;
    for (const event of events) {
      const { sequence, eventId, late } = event;
      findings.expect(
        late === sequence > finalSequence,
        () =>
          `${eventId} with sequence ${sequence} is ${late ? '' : 'not '}late, after the end at ${finalSequence}`,
        event,
      );
      const isRight =
        sequence <= finalSequence
          ? askedFrom(facts, eventId) <= endedBy
          : knownSince(facts, eventId) >= sentFrom;
      findings.expect(
        isRight,
        () => `${eventId} has sequence ${sequence}, but is on the other side of the end at ${finalSequence}`,
        facts.sightings.get(eventId)?.[0],
        facts.appendsById.get(eventId)?.[0],
        facts.ends[0],
      );
    }
  },
};

/** The earliest moment at which the request that ended the session may have been sent. */
function endAskedFrom({ exchanges }: SessionFacts): number {
  const completes = ofKind(exchanges, 'complete');
  const winner = completes.find(({ answer }) => answer?.status === 200 && !answer.replayed);
  const candidates = winner ? [winner] : completes.filter(isUnknown);
  return Math.min(...candidates.map(({ sentAt }) => sentAt));
}

export const sameEverywhere: Rule = {
  name: 'the same everywhere',
  check({ finals, final }, findings) {
    const answerOf = ({ instance: _instance, ...answer }: FinalSession) => answer;
    for (const other of finals) {
      findings.expect(
        isDeepStrictEqual(answerOf(other), answerOf(final)),
        () => `${other.instance} and ${final.instance} disagree on what is stored`,
        other,
        final,
      );
    }
  },
};
