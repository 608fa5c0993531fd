import { groupBy } from '../group-by.js';
import { resourceOf, type Read } from '../history.js';
import { knownSince } from './facts.js';
import { inOrderOf } from './order.js';
import { type Rule } from './rule.js';

export const cursorWalks: Rule = {
  name: 'cursor walks',
  promise:
    'A walk by cursor shows every event that was stored when it began exactly once, and none twice, whatever is appended meanwhile.',
  check(facts, findings) {
    const walks = groupBy(
      facts.reads.filter((read) => read.request.walk && resourceOf(read)),
      ({ request }) => request.walk?.walk,
    );
    for (const steps of walks.values()) {
      const pages = finishedPages(steps);
      const [first] = pages;
      if (!first) continue;
      const rows = pages.flatMap((page) => resourceOf(page)?.events ?? []);
      const times = groupBy(rows, ({ eventId }) => eventId);
      const compare = inOrderOf(first.request.query);
      rows.forEach((row, index) => {
        const previous = rows[index - 1];
        findings.expect(
          times.get(row.eventId)?.length === 1 && (previous === undefined || compare(previous, row) < 0),
          () => `a walk showed ${row.eventId} twice or out of order`,
          ...pages,
        );
      });
      // A step may have been sent more than once; the walk began with the first one.
      const beganAt = Math.min(...facts.reads.filter(isStartOf(first)).map(({ sentAt }) => sentAt));
      for (const event of facts.log) {
        if (knownSince(facts, event.eventId) >= beganAt) continue;
        findings.expect(
          times.has(event.eventId),
          () => `a walk left out ${event.eventId}, which was stored when it began`,
          event,
          ...pages,
        );
      }
    }
  },
};

function isStartOf(first: Read): (read: Read) => boolean {
  return ({ request: { walk } }) => walk?.walk === first.request.walk?.walk && walk?.step === 0;
}

/** The answered pages of a walk in order; none if it was not completed. */
function finishedPages(steps: readonly Read[]): readonly Read[] {
  const pages = steps.toSorted((a, b) => (a.request.walk?.step ?? 0) - (b.request.walk?.step ?? 0));
  const whole = pages.every((page, index) => page.request.walk?.step === index);
  const last = pages.at(-1);
  return whole && last && resourceOf(last)?.pagination.nextCursor === null ? pages : [];
}
