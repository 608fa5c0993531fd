import { type Rule } from './rule.js';

/** The fields that a deleted session keeps. */
const LEFT = ['deletedAt', 'sessionId'];

export const erased: Rule = {
  name: 'erased',
  promise:
    'Ten seconds after the 204 (where faults are under way: after those have ended) the store holds no event of a deleted session, and of the session itself its id and when it was deleted.',
  check({ remains }, findings) {
    if (!remains) return;
    findings.expect(
      remains.events === 0,
      () => `${remains.events} events of a deleted session are in the store`,
      remains,
    );
    findings.expect(
      remains.fields.toSorted().join() === LEFT.join(),
      () => `of a deleted session the store holds ${remains.fields.join(', ')}`,
      remains,
    );
  },
};
