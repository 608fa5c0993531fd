import { type Rule } from './rule.js';

export const oneEnd: Rule = {
  name: 'one end',
  promise:
    'A session ends once: every answer that shows it ended has the same status, `endedAt` (to the millisecond) and `finalSequence`; and one read after an end was shown shows it too.',
  check({ ends, reads }, findings) {
    const [first] = ends;
    if (!first) return;
    for (const { session, exchange } of ends) {
      findings.expect(
        session.status === first.session.status &&
          session.endedAt === first.session.endedAt &&
          session.finalSequence === first.session.finalSequence,
        () => `the session ended twice: ${describe(first.session)} and ${describe(session)}`,
        first.exchange,
        exchange,
      );
    }
    for (const read of reads) {
      if (read.answer?.status !== 200 || read.sentAt <= first.exchange.endedAt) continue;
      findings.expect(
        (read.answer.body as typeof first.session).endedAt !== null,
        () => 'a session that had been shown as ended was read as going on',
        first.exchange,
        read,
      );
    }
  },
};

function describe({
  status,
  endedAt,
  finalSequence,
}: {
  status: string;
  endedAt: string | null;
  finalSequence: number | null;
}): string {
  return `${status} ${endedAt ?? '-'} at ${finalSequence ?? '-'}`;
}
