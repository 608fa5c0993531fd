import { isAppend, isBatch, isDelete, isGone, isUnknown, type Exchange } from '../history.js';
import { type SessionFacts } from './facts.js';
import { type Rule } from './rule.js';

export const deletedForEver: Rule = {
  name: 'deleted for ever',
  promise:
    'Whatever is sent after a DELETE was answered with 204, to any instance, is answered with 410 (another DELETE with 204), and so in the end; nothing is 410 that was answered before a DELETE was sent. Who was told 410 is not shown the session again.',
  check(facts, findings) {
    const { exchanges, deletes, finals } = facts;
    const deletable = Math.min(...deletes.map(({ sentAt }) => sentAt));
    const deleted = deletedSince(facts);
    const told = earliest(exchanges.filter(isGone));
    for (const exchange of exchanges) {
      findings.expect(
        !isGone(exchange) || exchange.endedAt > deletable,
        () => 'a session was answered as deleted before anybody asked for that',
        exchange,
        deletes[0],
      );
      if (isUnknown(exchange)) continue;
      findings.expect(
        exchange.sentAt <= deleted || saysDeleted(exchange),
        () =>
          `a ${exchange.request.kind} of a deleted session was answered with ${exchange.answer?.status ?? '-'}`,
        exchange,
        deletes.find(({ answer }) => answer?.status === 204),
      );
      // Until the 204, appends may still enter the log.
      findings.expect(
        exchange.sentAt <= told || isAppend(exchange) || isBatch(exchange) || saysDeleted(exchange),
        () => `a session that was shown as deleted was answered with ${exchange.answer?.status ?? '-'}`,
        exchange,
      );
    }
    for (const final of finals) {
      findings.expect(
        final.deleted || (deleted === Infinity && told === Infinity),
        () => `a deleted session is there again at ${final.instance}`,
        final,
      );
      findings.expect(
        !final.deleted || deletable < Infinity,
        () => `a session is deleted at ${final.instance} that nobody asked to delete`,
        final,
      );
    }
  },
};

/** When a deletion of the session was first acknowledged; Infinity if never. */
function deletedSince({ deletes }: SessionFacts): number {
  return earliest(deletes.filter(({ answer }) => answer?.status === 204));
}

function earliest(exchanges: readonly Exchange[]): number {
  return Math.min(...exchanges.map(({ endedAt }) => endedAt));
}

function saysDeleted(exchange: Exchange): boolean {
  return isDelete(exchange) ? exchange.answer?.status === 204 : isGone(exchange);
}
