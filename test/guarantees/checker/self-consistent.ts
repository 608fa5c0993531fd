import { type TranscriptView } from '../api.js';
import { resourceOf, type Read } from '../history.js';
import { inOrderOf } from './order.js';
import { type Findings, type Rule } from './rule.js';

export const selfConsistent: Rule = {
  name: 'self-consistent answers',
  promise:
    'No answer contradicts itself: `total` is never below a sequence it shows, `late` agrees with `finalSequence`, the rows are in order, the numbers add up.',
  check({ reads }, findings) {
    for (const read of reads) {
      const answer = resourceOf(read);
      if (!answer) continue;
      checkSession(read, answer, findings);
      checkRows(read, answer, findings);
      checkNumbers(read, answer, findings);
    }
  },
};

function checkSession(read: Read, answer: TranscriptView, findings: Findings): void {
  const { status, endedAt, finalSequence, events } = answer;
  const ended = status === 'completed' || status === 'failed';
  findings.expect(
    (endedAt !== null) === ended && (finalSequence !== null) === ended,
    () =>
      `a session that is ${status} has endedAt ${endedAt ?? 'null'} and finalSequence ${finalSequence ?? 'null'}`,
    read,
  );
  findings.expect(
    status !== 'initiated' || events.length === 0,
    () => 'a session with events is `initiated`',
    read,
  );
  for (const { late, sequence } of events) {
    findings.expect(
      late === (finalSequence !== null && sequence > finalSequence),
      () =>
        `sequence ${sequence} is ${late ? '' : 'not '}late, with finalSequence ${finalSequence ?? 'null'}`,
      read,
    );
  }
}

function checkRows(read: Read, { events, sessionId }: TranscriptView, findings: Findings): void {
  const { limit } = read.request.query;
  findings.expect(events.length <= limit, () => `${events.length} rows on a page of ${limit}`, read);
  const compare = inOrderOf(read.request.query);
  events.forEach((event, index) => {
    const previous = events[index - 1];
    findings.expect(
      event.sessionId === sessionId && (previous === undefined || compare(previous, event) < 0),
      () => `row ${index} is out of order, twice there, or of another session`,
      read,
    );
  });
}

function checkNumbers(read: Read, answer: TranscriptView, findings: Findings): void {
  const { events, finalSequence, pagination } = answer;
  const { total, page, limit, totalPages, hasMore, nextCursor } = pagination;
  findings.expect(
    limit === read.request.query.limit && hasMore === (nextCursor !== null),
    () => 'pagination does not agree with itself or with what was asked',
    read,
  );
  if (read.request.query.cursor !== undefined) {
    findings.expect(
      total === undefined && page === undefined && totalPages === undefined,
      () => 'a page under a cursor shows numbers',
      read,
    );
    return;
  }
  const count = total ?? -1;
  const place = page ?? -1;
  const highest = Math.max(0, finalSequence ?? 0, ...events.map(({ sequence }) => sequence));
  findings.expect(count >= highest, () => `total is ${count}, but sequence ${highest} is shown`, read);
  findings.expect(
    place === (read.request.query.page ?? 1) &&
      totalPages === Math.ceil(count / limit) &&
      events.length === Math.min(limit, Math.max(0, count - (place - 1) * limit)),
    () => `page ${place} of ${totalPages ?? '?'} has ${events.length} rows, with a total of ${count}`,
    read,
  );
  // Past the end there is no event for a cursor to point to.
  findings.expect(
    hasMore === place * limit < count,
    () => `hasMore is ${String(hasMore)} on page ${place}, with a total of ${count}`,
    read,
  );
}
