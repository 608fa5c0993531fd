import { sameEvent } from './acknowledged-writes.js';
import { type SessionFacts } from './facts.js';
import { type Findings, type Rule } from './rule.js';

export const streams: Rule = {
  name: 'streams',
  promise:
    'Who follows a session is shown every event once, in the order of the log, as it is stored, however often the connection breaks; how it ended when it has; and it is refused only when it is deleted.',
  check(facts, findings) {
    const deletable = Math.min(...facts.deletes.map(({ sentAt }) => sentAt));
    const log = new Map(facts.log.map((event) => [event.sequence, event]));
    for (const following of facts.followings) {
      const { shown, after, ends, status } = following;
      shown.forEach((event, index) => {
        findings.expect(
          event.sequence === after + 1 + index,
          () => `sequence ${event.sequence} was streamed as number ${index + 1} after ${after}`,
          following,
        );
        const stored = log.get(event.sequence);
        findings.expect(
          stored ? sameEvent(event, stored) : facts.final.deleted,
          () => `${event.eventId} was streamed and is not stored so`,
          event,
          stored,
        );
      });
      for (const end of ends) {
        findings.expect(
          (shown.at(-1)?.sequence ?? after) >= (end.finalSequence ?? Infinity),
          () => 'a stream ended before the last event of the session',
          following,
        );
      }
      findings.expect(
        [200, 204, 404, 503].includes(status) || (status === 410 && deletable < Infinity),
        () => `a stream was answered with ${status}`,
        following,
      );
    }
    checkLast(facts, findings);
  },
};

/** At the end, a follower has all events; one that was turned away after the session had ended, all up to the end. */
function checkLast({ followings, final }: SessionFacts, findings: Findings): void {
  const last = followings.at(-1);
  if (!last || final.deleted) return;
  const seen = last.shown.at(-1)?.sequence ?? last.after;
  const due = last.status === 204 ? (final.session?.finalSequence ?? Infinity) : final.events.length;
  findings.expect(seen >= due, () => `a follower has ${seen} of ${due} events in the end`, last);
}
