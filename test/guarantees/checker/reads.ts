import { type ReadBody } from '../../support/representations.js';
import { resourceOf, type Event, type Exchange } from '../history.js';
import { askedFrom, firstEnd, inOrderOf, knownSince, sameEvent, type SessionFacts } from './facts.js';
import { type Findings, type Rule } from './rule.js';

export const readsSeeWrites: Rule = {
  name: 'reads see writes',
  check(facts, findings) {
    const known = new Map(facts.log.map((event) => [event, knownSince(facts, event.eventId)]));
    const asked = new Map(facts.log.map((event) => [event, askedFrom(facts, event.eventId)]));
    const rowsBefore = lastRows(facts.reads);
    for (const read of facts.reads) {
      const answer = resourceOf(read);
      if (!answer) continue;
      const must = facts.log.filter((event) => (known.get(event) ?? Infinity) < read.sentAt);
      const may = facts.log.filter((event) => (asked.get(event) ?? Infinity) <= read.endedAt);
      const isWhole = !facts.final.deleted;
      checkRead({ read, answer, must, may, isWhole, after: rowsBefore.get(read) }, findings);
    }
    // A client that has been told that a session exists is never told that it does not.
    const exists = ({ answer }: Exchange) =>
      answer !== undefined && (answer.status < 300 || [409, 410].includes(answer.status));
    const since = firstEnd(facts.exchanges.filter(exists));
    for (const exchange of facts.exchanges) {
      if (exchange.sentAt <= since || !exchange.answer) continue;
      findings.expect(
        exchange.answer.status !== 404 || exchange.kind === 'redact',
        () => 'a session that had been shown was not found',
        exchange,
      );
    }
  },
};

interface Page {
  readonly read: Exchange<'read'>;
  readonly answer: ReadBody;
  /** Events known to be stored when it was sent … */
  readonly must: readonly Event[];
  /** … and events that may have been stored when it was answered. */
  readonly may: readonly Event[];
  /** Whether the history has every stored event; for a deleted session, events that no response showed are unknown. */
  readonly isWhole: boolean;
  /** For a cursor: the row it points to, if known. */
  readonly after: Event | undefined;
}

function checkRead({ read, answer, must, may, isWhole, after }: Page, findings: Findings): void {
  const { query } = read.request;
  const { events, pagination } = answer;
  const compare = inOrderOf(query);
  const [first, last] = [events[0], events.at(-1)];
  const shown = new Set(events.map(({ eventId }) => eventId));
  const possible = new Set(may.map(({ eventId }) => eventId));

  for (const event of events) {
    findings.expect(
      possible.has(event.eventId) && (!after || compare(event, after) > 0),
      () => `${event.eventId} was read before it was sent, or is on the page before too`,
      read,
    );
  }
  if (query.cursor === undefined) {
    const highest = Math.max(0, ...must.map(({ sequence }) => sequence));
    findings.expect(
      (pagination.total ?? 0) >= highest,
      () => `total is ${pagination.total ?? '?'}, but sequence ${highest} had been acknowledged`,
      read,
    );
  } else if (!after) return; // a cursor whose page before is not in the history

  // The start of the page: after the cursor's row, or after the rows of earlier pages.
  const begins = (event: Event) =>
    after ? compare(event, after) > 0 : first ? compare(event, first) >= 0 : false;
  const ends = (event: Event) => !pagination.hasMore || (last !== undefined && compare(event, last) <= 0);
  for (const event of must) {
    if (!begins(event) || !ends(event)) continue;
    findings.expect(
      shown.has(event.eventId),
      () => `${event.eventId} had been acknowledged and is missing on its page`,
      read,
      event,
    );
  }
  if (after || !first) return;
  const skipped = ((query.page ?? 1) - 1) * query.limit;
  const before = (list: readonly Event[]) => list.filter((event) => compare(event, first) < 0).length;
  findings.expect(
    before(must) <= skipped && (!isWhole || skipped <= before(may)),
    () =>
      `${skipped} events should stand before the page; at least ${before(must)}, at most ${before(may)} do`,
    read,
  );
}

/** For each page of a walk, the last row of the page before. */
function lastRows(reads: SessionFacts['reads']): Map<Exchange, Event | undefined> {
  const key = ({ request: { walk } }: Exchange<'read'>, next: 0 | 1) =>
    walk && `${walk.walk}/${walk.step + next}`;
  const ends = new Map(
    reads
      .filter((read) => read.request.walk && resourceOf(read))
      .map((read) => [key(read, 1), resourceOf(read)?.events.at(-1)]),
  );
  return new Map(reads.map((read) => [read, read.request.walk && ends.get(key(read, 0))]));
}

export const selfConsistent: Rule = {
  name: 'self-consistent answers',
  check({ reads, sessionId }, findings) {
    for (const read of reads) {
      const answer = resourceOf(read);
      if (!answer) continue;
      const fault = faultOf(answer, read.request.query, sessionId);
      findings.expect(fault === undefined, () => fault ?? '', read);
    }
  },
};

/** What is wrong with a page by itself. */
function faultOf(
  answer: ReadBody,
  query: Exchange<'read'>['request']['query'],
  id: string,
): string | undefined {
  const { status, startedAt, endedAt, finalSequence, events, pagination } = answer;
  const { total = -1, page = -1, limit, totalPages, hasMore, nextCursor } = pagination;
  const ended = status === 'completed' || status === 'failed';
  if ((endedAt !== null) !== ended || (finalSequence !== null) !== ended)
    return `${status}, and its end differs`;
  if (endedAt !== null && endedAt < startedAt) return `it started at ${startedAt} and ended at ${endedAt}`;
  if (status === 'initiated' && events.length > 0) return 'a session with events is `initiated`';
  const isLate = (sequence: number) => finalSequence !== null && sequence > finalSequence;
  const wrong = events.find(({ late, sequence }) => late !== isLate(sequence));
  if (wrong) return `${wrong.eventId} is wrongly ${wrong.late ? '' : 'not '}late`;
  const compare = inOrderOf(query);
  const misplaced = events.find((event, index) => {
    const previous = events[index - 1];
    return event.sessionId !== id || (previous && compare(previous, event) >= 0);
  });
  if (misplaced) return `${misplaced.eventId} is out of order, twice there, or of another session`;
  if (events.length > limit || limit !== query.limit || hasMore !== (nextCursor !== null)) {
    return 'pagination does not agree with itself or with what was asked';
  }
  if (query.cursor !== undefined) {
    return total === -1 && page === -1 && totalPages === undefined ? undefined : 'numbers under a cursor';
  }
  const highest = Math.max(0, finalSequence ?? 0, ...events.map(({ sequence }) => sequence));
  if (total < highest) return `total is ${total}, but sequence ${highest} is shown`;
  const addsUp =
    page === (query.page ?? 1) &&
    totalPages === Math.ceil(total / limit) &&
    events.length === Math.min(limit, Math.max(0, total - (page - 1) * limit)) &&
    hasMore === page * limit < total; // past the end there is no event for a cursor to point to
  return addsUp ? undefined : `page ${page} has ${events.length} rows, with a total of ${total}`;
}

export const streams: Rule = {
  name: 'streams',
  check({ followings, final, log, deletes }, findings) {
    const deletable = Math.min(...deletes.map(({ sentAt }) => sentAt));
    const stored = new Map(log.map((event) => [event.sequence, event]));
    for (const following of followings) {
      const { shown, after, end, status } = following;
      shown.forEach((event, index) => {
        const same = stored.get(event.sequence);
        findings.expect(
          event.sequence === after + 1 + index && (same ? sameEvent(event, same) : final.deleted),
          () => `${event.eventId} was streamed as number ${index + 1} after ${after}, and is not stored so`,
          following,
          same,
        );
      });
      findings.expect(
        !end || (shown.at(-1)?.sequence ?? after) >= (end.finalSequence ?? Infinity),
        () => 'a stream ended before the last event of the session',
        following,
      );
      findings.expect(
        [200, 204, 404, 408, 503].includes(status) || // 408 where its instance was suspended before it read the head
          (status === 410 && deletable < Infinity),
        () => `a stream was answered with ${status}`,
        following,
      );
    }
    // In the end, a follower has all events; one that was turned away after the end of the session, all up to that.
    const last = followings.at(-1);
    if (!last || !final.session) return;
    const seen = last.shown.at(-1)?.sequence ?? last.after;
    const due = last.status === 204 ? (final.session.finalSequence ?? Infinity) : final.events.length;
    findings.expect(seen >= due, () => `a follower has ${seen} of ${due} events in the end`, last);
  },
};

export const streamsEnd: Rule = {
  name: 'every stream ends',
  check({ followings, final }, findings) {
    const last = followings.at(-1);
    if (!last || (!final.deleted && (final.session?.endedAt ?? null) === null)) return;
    findings.expect(
      last.isOver && [204, 410].includes(last.status),
      () =>
        `a stream of a session that is over was answered with ${last.status} and is ${last.isOver ? 'closed' : 'open'}`,
      last,
    );
  },
};
