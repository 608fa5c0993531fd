import { type EventView, type TranscriptView } from '../api.js';
import { resourceOf, type Exchange, type Read } from '../history.js';
import { askedFrom, knownSince, type SessionFacts } from './facts.js';
import { inOrderOf } from './order.js';
import { type Findings, type Rule } from './rule.js';

export const readsSeeWrites: Rule = {
  name: 'reads see writes',
  promise:
    'A read shows every event that was acknowledged (or shown to anybody) before it was sent and belongs on its page, in its place, and none that was sent after its answer.',
  check(facts, findings) {
    const known = new Map<EventView, number>();
    const asked = new Map<EventView, number>();
    for (const event of facts.log) {
      known.set(event, knownSince(facts, event.eventId));
      asked.set(event, askedFrom(facts, event.eventId));
    }
    const pages = lastRows(facts.reads);
    for (const read of facts.reads) {
      const answer = resourceOf(read);
      if (!answer) continue;
      const must = facts.log.filter((event) => (known.get(event) ?? Infinity) < read.sentAt);
      const may = facts.log.filter((event) => (asked.get(event) ?? Infinity) <= read.endedAt);
      const isWhole = !facts.final.deleted;
      checkRead({ read, answer, must, may, isWhole, after: pages.get(read) }, findings);
    }
    checkExistence(facts, findings);
  },
};

interface Look {
  readonly read: Read;
  readonly answer: TranscriptView;
  /** Events known to be stored when it was sent … */
  readonly must: readonly EventView[];
  /** … and events that may have been stored when it was answered. */
  readonly may: readonly EventView[];
  /** Whether the history has every stored event; for a deleted session, events that no response showed are unknown. */
  readonly isWhole: boolean;
  /** For a cursor: the row it points to, if known. */
  readonly after: EventView | undefined;
}

function checkRead({ read, answer, must, may, isWhole, after }: Look, findings: Findings): void {
  const { query } = read.request;
  const { events, pagination } = answer;
  const compare = inOrderOf(query);
  const first = events[0];
  const last = events.at(-1);
  const shown = new Set(events.map(({ eventId }) => eventId));
  const possible = new Set(may.map(({ eventId }) => eventId));

  for (const { eventId } of events) {
    findings.expect(possible.has(eventId), () => `${eventId} was read before it was sent`, read);
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
  const begins = (event: EventView) =>
    after ? compare(event, after) > 0 : first ? compare(event, first) >= 0 : false;
  const ends = (event: EventView) => !pagination.hasMore || (last !== undefined && compare(event, last) <= 0);
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
  const before = (list: readonly EventView[]) => list.filter((event) => compare(event, first) < 0).length;
  findings.expect(
    before(must) <= skipped && (!isWhole || skipped <= before(may)),
    () =>
      `${skipped} events should stand before the page, but at least ${before(must)} and at most ${before(may)} did`,
    read,
  );
}

/** For each step of a walk, the last row of the step before. */
function lastRows(reads: readonly Read[]): Map<Read, EventView | undefined> {
  const ends = new Map<string, EventView | undefined>();
  for (const read of reads) {
    const { walk } = read.request;
    const answer = resourceOf(read);
    if (walk && answer) ends.set(`${walk.walk}/${walk.step + 1}`, answer.events.at(-1));
  }
  return new Map(
    reads.map((read) => {
      const { walk } = read.request;
      return [read, walk && ends.get(`${walk.walk}/${walk.step}`)];
    }),
  );
}

/** A client that has been told that a session exists is never told that it does not. */
function checkExistence({ exchanges }: SessionFacts, findings: Findings): void {
  const exists = ({ answer }: Exchange) =>
    answer !== undefined && (answer.status < 300 || [409, 410].includes(answer.status));
  const since = Math.min(...exchanges.filter(exists).map(({ endedAt }) => endedAt));
  for (const exchange of exchanges) {
    if (exchange.sentAt <= since || !exchange.answer) continue;
    findings.expect(
      exchange.answer.status !== 404,
      () => 'a session that had been shown was not found',
      exchange,
    );
  }
}
