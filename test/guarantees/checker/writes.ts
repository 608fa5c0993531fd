import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, type SessionBody } from '../../support/representations.js';
import { markOf } from '../contents.js';
import { groupBy, is, isUnknown, ofKind, resourceOf, type Event, type Exchange } from '../history.js';
import { asksFor, sameEvent, type SessionFacts } from './facts.js';
import { type Findings, type Rule } from './rule.js';

export const acknowledgedWrites: Rule = {
  name: 'acknowledged writes',
  check(facts, findings) {
    const { session, deleted, events, transcript } = facts.final;
    if (deleted) return;
    for (const { fault, instance } of facts.finals)
      findings.expect(fault === undefined, () => `at ${instance}, ${fault ?? ''}`, facts.finals);
    const stored = groupBy(events, ({ eventId }) => eventId);
    for (const [eventId, sightings] of facts.sightings) {
      const copies = stored.get(eventId) ?? [];
      const [copy] = copies;
      for (const { event, exchange } of sightings) {
        findings.expect(
          copies.length === 1 && copy !== undefined && sameEvent(event, copy),
          () => `${eventId} was answered as stored; it is there ${copies.length} times, or otherwise`,
          exchange,
          ...copies,
        );
      }
    }
    for (const event of events) {
      const sent = facts.appendsById.get(event.eventId) ?? [];
      findings.expect(
        sent.some((append) => asksFor(append, event)),
        () => `${event.eventId} is stored with a content that nobody sent`,
        event,
        ...sent,
      );
      findings.expect(
        event.redactedAt !== undefined || transcript.includes(markOf(event.eventId)),
        () => `${event.eventId} is stored, and the transcript lacks it`,
        event,
        transcript,
      );
    }
    for (const create of ofKind(facts.exchanges, 'create')) {
      const answered = resourceOf(create);
      if (!answered) continue;
      findings.expect(
        session !== null && sameCreation(session, answered),
        () => 'the session was answered as created and is not stored so',
        create,
        session,
      );
    }
  },
};

export const createdOnce: Rule = {
  name: 'created once',
  check({ exchanges, appendsById }, findings) {
    oneFirst('the session', ofKind(exchanges, 'create'), ({ answer }) => answer?.status === 201, findings);
    for (const [eventId, appends] of appendsById) {
      oneFirst(eventId, appends, ({ answer }) => answer?.status === 201, findings);
    }
    const isFirstEnd = ({ answer }: Exchange) => answer?.status === 200 && !answer.replayed;
    oneFirst('the end', ofKind(exchanges, 'complete'), isFirstEnd, findings);
  },
};

function oneFirst(
  id: string,
  exchanges: readonly Exchange[],
  isFirst: (exchange: Exchange) => boolean,
  findings: Findings,
): void {
  const firsts = exchanges.filter(isFirst);
  const isStored = exchanges.some(({ answer }) => answer && (answer.status < 300 || answer.status === 409));
  // Who got no answer may have been the first, and so may who was refused because of a deletion meanwhile.
  const isCertain = isStored && !exchanges.some((one) => isUnknown(one) || one.answer?.status === 410);
  findings.expect(
    isCertain ? firsts.length === 1 : firsts.length <= 1,
    () => `${id} was answered ${firsts.length} times as the first`,
    ...(firsts.length > 0 ? firsts : exchanges),
  );
}

export const equalReplays: Rule = {
  name: 'equal replays',
  check(facts, findings) {
    for (const appends of facts.appendsById.values()) checkAppends(appends, facts, findings);
    const creates = ofKind(facts.exchanges, 'create');
    const first = creates.map((create) => resourceOf(create)).find((session) => session !== undefined);
    for (const create of first ? creates : []) {
      const session = resourceOf(create);
      findings.expect(
        session === undefined || sameCreation(session, first as SessionBody),
        () => 'the session was answered in two ways',
        create,
        first,
      );
      checkReplay(create, !sameCreation(create.request.body, first as SessionBody), findings);
    }
  },
};

function checkAppends(
  appends: readonly Exchange<'append'>[],
  { exchanges, log }: SessionFacts,
  findings: Findings,
): void {
  const eventId = appends[0]?.request.body.eventId;
  // Who redacts an event asks for another answer: see "redacted".
  const redactions = ofKind(exchanges, 'redact').filter(({ request }) => request.eventId === eventId);
  const redactable = Math.min(...redactions.map(({ sentAt }) => sentAt));
  const undisturbed = appends.filter(({ endedAt }) => endedAt < redactable);
  const first = undisturbed.map((append) => resourceOf(append)).find((event) => event !== undefined);
  const stored = first ?? log.find((event) => event.eventId === eventId);
  if (!stored || stored.redactedAt !== undefined) return;
  for (const append of undisturbed) {
    const event = resourceOf(append);
    findings.expect(
      event === undefined || sameEvent(event, stored),
      () => `${stored.eventId} was answered in two ways`,
      append,
      stored,
    );
    checkReplay(append, !asksForStored(append, stored, appends), findings);
  }
}

/** Timestamps are compared only if both came from a client; the content shows which append was the stored one. */
function asksForStored(
  append: Exchange<'append'>,
  stored: Event,
  appends: readonly Exchange<'append'>[],
): boolean {
  if (asksFor(append, stored)) return true;
  const winner = appends.find((other) => asksFor(other, stored));
  const serverGaveTime = winner !== undefined && winner.request.body.timestamp === undefined;
  return serverGaveTime && asksFor(append, { ...stored, timestamp: append.request.body.timestamp ?? '' });
}

function checkReplay(exchange: Exchange<'append' | 'create'>, differs: boolean, findings: Findings): void {
  const { answer, request } = exchange;
  if (!answer || ![200, 201, 409].includes(answer.status)) return;
  const refused = request.strict && differs;
  const { status, replayed, mismatch } = answer;
  const isRight = {
    200: !refused && replayed && mismatch === differs,
    201: !differs && !replayed && !mismatch,
    409: refused,
  }[status as 200 | 201 | 409];
  findings.expect(
    isRight,
    () => `a ${differs ? 'different' : 'same'} content was answered with ${status}`,
    exchange,
  );
}

export const batchesInOrder: Rule = {
  name: 'batches in order',
  check({ exchanges }, findings) {
    for (const batch of ofKind(exchanges, 'batch')) {
      const results = resourceOf(batch)?.results;
      if (!results) continue;
      const asked = batch.request.body.events.map(({ eventId }) => eventId);
      findings.expect(
        isDeepStrictEqual(
          asked,
          results.map(({ event }) => event.eventId),
        ),
        () => `a batch of ${asked.join(', ')} was answered for others`,
        batch,
      );
      const stored = results.filter(({ status }) => status === 201).map(({ event }) => event.sequence);
      const { status, replayed } = batch.answer ?? {};
      findings.expect(
        stored.every((sequence, index) => sequence > (stored[index - 1] ?? 0)) &&
          status === (stored.length > 0 ? 201 : 200) &&
          replayed === (stored.length === 0),
        () =>
          `a batch that stored ${stored.join(', ')}, which has an order, was answered with ${status ?? '-'}`,
        batch,
      );
    }
  },
};

/** The prefix of keys that patches set; creations never use it. */
const PATCHED = 'patched-';
/** A key that only one patch sets, to the number of the patch. */
export const keyOf = (patch: number): string => `${PATCHED}${patch}`;

function sameCreation(
  a: Pick<SessionBody, 'language' | 'metadata'>,
  b: typeof a & { startedAt?: string },
): boolean {
  const created = ({ metadata }: { metadata: JsonObject }) =>
    Object.entries(metadata).filter(([key]) => !key.startsWith(PATCHED));
  const isStart = !('startedAt' in a) || a.startedAt === b.startedAt;
  return isStart && a.language === b.language && isDeepStrictEqual(created(a), created(b));
}

export const patchesKept: Rule = {
  name: 'patches kept',
  check({ exchanges, final }, findings) {
    const patches = ofKind(exchanges, 'patch');
    const sentKeys = new Set(patches.flatMap(({ request }) => Object.keys(request.body.metadata)));
    const answered = exchanges.flatMap((exchange) => {
      const session = is(exchange, 'create', 'patch', 'complete', 'read') && resourceOf(exchange);
      return session ? [{ metadata: session.metadata, sentAt: exchange.sentAt, evidence: exchange }] : [];
    });
    const stored = final.session
      ? [{ metadata: final.session.metadata, sentAt: Infinity, evidence: final.session }]
      : [];
    for (const { metadata, sentAt, evidence } of [...answered, ...stored]) {
      const unsent = Object.keys(metadata).find((key) => key.startsWith(PATCHED) && !sentKeys.has(key));
      findings.expect(unsent === undefined, () => `nobody sent the key ${unsent ?? ''}`, evidence);
      for (const patch of patches) {
        if (!resourceOf(patch) || patch.endedAt >= sentAt) continue;
        for (const [key, value] of Object.entries(patch.request.body.metadata)) {
          findings.expect(
            metadata[key] === value,
            () => `${key} was patched to ${String(value)} and is ${String(metadata[key])}`,
            patch,
            evidence,
          );
        }
      }
    }
  },
};
