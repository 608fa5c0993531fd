import { resourceOf, type Batch } from '../history.js';
import { type BatchView } from '../api.js';
import { type Findings, type Rule } from './rule.js';

export const batchesInOrder: Rule = {
  name: 'batches in order',
  promise:
    'A batch is answered with one result for each of its events, in its order; those it stored lie in the log in that order; and it is 201 where one of them is. Each result obeys all that holds for an append.',
  check({ batches }, findings) {
    for (const batch of batches) {
      const answer = resourceOf(batch);
      if (answer) checkBatch(batch, answer, findings);
    }
  },
};

function checkBatch(batch: Batch, { results }: BatchView, findings: Findings): void {
  const asked = batch.request.body.events.map(({ eventId }) => eventId);
  findings.expect(
    results.length === asked.length && results.every(({ event }, place) => event.eventId === asked[place]),
    () =>
      `a batch of ${asked.join(', ')} was answered for ${results.map(({ event }) => event.eventId).join(', ')}`,
    batch,
  );
  const stored = results.filter(({ status }) => status === 201).map(({ event }) => event.sequence);
  findings.expect(
    stored.every((sequence, index) => sequence > (stored[index - 1] ?? 0)),
    () => `a batch was stored in another order than it has: ${stored.join(', ')}`,
    batch,
  );
  findings.expect(
    batch.answer?.status === (stored.length > 0 ? 201 : 200) &&
      batch.answer.replayed === (stored.length === 0),
    () => `a batch that stored ${stored.length} events was answered with ${batch.answer?.status ?? '-'}`,
    batch,
  );
}
