import { isGone, isUnknown, type Exchange } from '../history.js';
import { type Findings, type Rule } from './rule.js';

export const createdOnce: Rule = {
  name: 'created once',
  promise:
    'Of all requests for one id at most one is answered 201 (or, for an end, without `Idempotent-Replayed`): exactly one where no answer was lost.',
  check({ creates, appendsById, completes }, findings) {
    oneFirst('the session', creates, ({ answer }) => answer?.status === 201, findings);
    for (const [eventId, appends] of appendsById) {
      oneFirst(eventId, appends, ({ answer }) => answer?.status === 201, findings);
    }
    oneFirst('the end', completes, ({ answer }) => answer?.status === 200 && !answer.replayed, findings);
  },
};

function oneFirst(
  id: string,
  exchanges: readonly Exchange[],
  isFirst: (exchange: Exchange) => boolean,
  findings: Findings,
): void {
  const firsts = exchanges.filter(isFirst);
  findings.expect(
    firsts.length <= 1,
    () => `${id} was answered ${firsts.length} times as the first`,
    ...firsts,
  );
  const isStored = exchanges.some(({ answer }) => answer && (answer.status < 300 || answer.status === 409));
  // It was refused because of a deletion meanwhile, so it may have been stored before.
  if (!isStored || exchanges.some(isUnknown) || exchanges.some(isGone)) return;
  findings.expect(
    firsts.length === 1,
    () => `${id} is there and no answer was lost, but none was the first`,
    ...exchanges,
  );
}
