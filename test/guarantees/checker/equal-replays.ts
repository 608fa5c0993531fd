import { isDeepStrictEqual } from 'node:util';
import { type EventView } from '../api.js';
import { resourceOf, type Append, type Create } from '../history.js';
import { asksFor, sameEvent } from './acknowledged-writes.js';
import { type SessionFacts } from './facts.js';
import { createdPart } from './patches-kept.js';
import { type Findings, type Rule } from './rule.js';

export const equalReplays: Rule = {
  name: 'equal replays',
  promise:
    'Every answer for one id equals the first; a replay says that it is one, and whether it asked for something else; under `handling=strict` it is refused then, and only then.',
  check(facts, findings) {
    for (const appends of facts.appendsById.values()) checkAppends(appends, facts, findings);
    checkCreates(facts.creates, findings);
  },
};

function checkAppends(appends: readonly Append[], facts: SessionFacts, findings: Findings): void {
  const [first] = appends.map((append) => resourceOf(append)).filter((event) => event !== undefined);
  const stored = first ?? facts.log.find(({ eventId }) => eventId === appends[0]?.request.body.eventId);
  if (!stored) return;
  for (const append of appends) {
    const event = resourceOf(append);
    if (event) {
      findings.expect(
        sameEvent(event, stored),
        () => `${stored.eventId} was answered in two ways`,
        append,
        stored,
      );
    }
    checkReplay(append, !asksForStored(append, stored, appends), findings);
  }
}

/** Timestamps are compared only if both came from a client; the content shows which append was the stored one. */
function asksForStored(append: Append, stored: EventView, appends: readonly Append[]): boolean {
  if (asksFor(append, stored)) return true;
  const winner = appends.find((other) => asksFor(other, stored));
  const serverGaveTime = winner !== undefined && winner.request.body.timestamp === undefined;
  return serverGaveTime && asksFor(append, { ...stored, timestamp: append.request.body.timestamp ?? '' });
}

function checkCreates(creates: readonly Create[], findings: Findings): void {
  const [first] = creates.map((create) => resourceOf(create)).filter((session) => session !== undefined);
  if (!first) return;
  for (const create of creates) {
    const session = resourceOf(create);
    if (session) {
      findings.expect(
        session.startedAt === first.startedAt &&
          session.language === first.language &&
          isDeepStrictEqual(createdPart(session.metadata), createdPart(first.metadata)),
        () => 'the session was answered in two ways',
        create,
        first,
      );
    }
    const { language, metadata = {} } = create.request.body;
    checkReplay(
      create,
      language !== first.language || !isDeepStrictEqual(metadata, createdPart(first.metadata)),
      findings,
    );
  }
}

function checkReplay({ answer, request }: Append | Create, differs: boolean, findings: Findings): void {
  if (!answer || ![200, 201, 409].includes(answer.status)) return;
  const refused = request.strict && differs;
  const right =
    answer.status === 201
      ? !differs && !answer.replayed && !answer.mismatch
      : answer.status === 409
        ? refused
        : !refused && answer.replayed && answer.mismatch === differs;
  findings.expect(
    right,
    () => `a ${differs ? 'different' : 'same'} content was answered with ${answer.status}`,
    { answer, request },
  );
}
