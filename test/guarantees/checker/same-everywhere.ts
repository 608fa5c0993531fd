import { isDeepStrictEqual } from 'node:util';
import { type FinalSession } from '../history.js';
import { type Rule } from './rule.js';

export const sameEverywhere: Rule = {
  name: 'the same everywhere',
  promise: 'When all is at rest every instance answers the same.',
  check({ finals, final }, findings) {
    for (const other of finals) {
      findings.expect(
        isDeepStrictEqual(pick(other), pick(final)),
        () => `${other.instance} and ${final.instance} disagree on what is stored`,
        other,
        final,
      );
    }
  },
};

function pick({ session, deleted, events }: FinalSession) {
  return { session, deleted, events };
}
