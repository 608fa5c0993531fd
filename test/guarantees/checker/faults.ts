import { type BatchView, type EventView, type SessionView, type TranscriptView } from '../api.js';
import {
  isAppend,
  isBatch,
  isComplete,
  isGone,
  isRead,
  isUnknown,
  resourceOf,
  type Answer,
  type Exchange,
  type History,
} from '../history.js';
import { type Random } from '../random.js';
import { NEWER_WRITES } from './faults-of-newer-writes.js';
import { answerOf, replaceAnswer, withAnswer, withFinals, type Fault } from './tampering.js';
import { askedFrom, factsOf, knownSince, type SessionFacts } from './facts.js';

/** Faults by the rule that must detect them. */
export const FAULTS: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  ...NEWER_WRITES,
  'acknowledged writes': {
    'an acknowledged event is gone': (history, random) => {
      const known = [...(factsOf(history)[0]?.sightings.keys() ?? [])];
      const gone = known.length > 0 ? random.pick(known) : '';
      return withFinalEvents(history, (events) => events.filter(({ eventId }) => eventId !== gone));
    },
    'an event is stored twice': (history) =>
      withFinalEvents(history, (events) => [...events, ...events.slice(0, 1)]),
    'a stored payload is another one': (history, random) =>
      withFinalEvents(history, (events) => changeOne(events, random, { payload: { text: 'tampered' } })),
    'a stored time is a millisecond off': (history, random) =>
      withFinalEvents(history, (events) =>
        changeOne(events, random, { receivedAt: '2026-03-01T00:00:00.001Z' }),
      ),
    'an event is stored that nobody sent': (history) =>
      withFinalEvents(history, (events) =>
        events.concat({ ...(events[0] as EventView), eventId: 'ghost', sequence: events.length + 1 }),
      ),
    'a created session is gone': (history) =>
      history.final[0]?.session ? withFinals(history, (final) => ({ ...final, session: null })) : undefined,
  },
  'dense sequences': {
    'a place is left out': (history, random) => {
      if (history.final[0]?.deleted) return undefined;
      const gap = random.whole(1, history.final[0]?.events.length ?? 1);
      return everywhere(history, (event) =>
        event.sequence < gap ? event : { ...event, sequence: event.sequence + 1 },
      );
    },
    'two events share a place': (history, random) => {
      if (history.final[0]?.deleted) return undefined;
      const shared = random.whole(2, history.final[0]?.events.length ?? 2);
      return everywhere(history, (event) =>
        event.sequence < shared ? event : { ...event, sequence: event.sequence - 1 },
      );
    },
  },
  'created once': {
    'a replay is answered as new': (history, random) =>
      withAnswer(history, random, isReplayOfKnown(history), (answer) => ({
        ...answer,
        status: 201,
        replayed: false,
      })),
    'nobody is told that the event is new': (history) => {
      const [facts] = factsOf(history);
      const alone = new Set(history.exchanges.filter(isAppend).map(({ index }) => index));
      const certain = [...(facts?.appendsById.values() ?? [])].filter(
        (all) => !all.some(isUnknown) && !all.some(isGone),
      );
      const first = certain.flat().find((append) => isFirst(append) && alone.has(append.index));
      return first && replaceAnswer(history, first, { ...answerOf(first), status: 200, replayed: true });
    },
    'two requests end the session': (history, random) => {
      if (!history.exchanges.some((exchange) => isComplete(exchange) && isEnd(exchange))) return undefined;
      return withAnswer(
        history,
        random,
        (exchange) => isComplete(exchange) && answerOf(exchange).replayed,
        (answer) => ({ ...answer, replayed: false }),
      );
    },
  },
  'equal replays': {
    'a replay shows another time': (history, random) =>
      withAnswer(history, random, isReplayOfKnown(history), (answer) => ({
        ...answer,
        body: { ...(answer.body as EventView), receivedAt: '2026-03-01T00:00:00.001Z' },
      })),
    'a different replay is not told of': (history, random) =>
      withAnswer(
        history,
        random,
        ({ answer }) => answer?.mismatch === true,
        (answer) => ({ ...answer, mismatch: false }),
      ),
    'a strict replay that differs is let through': (history, random) =>
      withAnswer(
        history,
        random,
        ({ answer }) => answer?.status === 409,
        (answer, { request }) => ({
          ...answer,
          status: 200,
          replayed: true,
          mismatch: true,
          body: history.final[0]?.events.find(
            ({ eventId }) => request.kind === 'append' && eventId === request.body.eventId,
          ) as EventView,
        }),
      ),
  },
  'one end': {
    'a replay of the end is a millisecond off': (history, random) =>
      withAnswer(
        history,
        random,
        (exchange) => isComplete(exchange) && answerOf(exchange).replayed,
        (answer) => ({
          ...answer,
          body: { ...(answer.body as SessionView), endedAt: '2026-03-01T00:00:00.001Z' },
        }),
      ),
    'an ended session is read as going on': (history, random) => {
      const [first] = factsOf(history)[0]?.ends ?? [];
      if (!first) return undefined;
      return withAnswer(
        history,
        random,
        (exchange) =>
          isRead(exchange) && exchange.answer?.status === 200 && exchange.sentAt > first.exchange.endedAt,
        (answer) => ({
          ...answer,
          body: { ...(answer.body as TranscriptView), status: 'active', endedAt: null, finalSequence: null },
        }),
      );
    },
  },
  'late means after the end': {
    'the end leaves out an acknowledged event': (history) => {
      const [facts] = factsOf(history);
      const finalSequence = facts?.final.session?.finalSequence ?? 0;
      const sentAt = Math.min(...(facts?.completes.map((complete) => complete.sentAt) ?? []));
      const early = facts?.final.events.filter(
        ({ sequence, eventId }) => sequence <= finalSequence && knownSince(facts, eventId) < sentAt,
      );
      const last = early?.at(-1);
      return last && withFinalSequence(history, last.sequence - 1);
    },
    'the end counts an event that came after it': (history) => {
      const [facts] = factsOf(history);
      const [end] = facts?.ends ?? [];
      const late = facts?.final.events.findLast(
        ({ eventId }) => end && askedFrom(facts, eventId) > end.exchange.endedAt,
      );
      return late && withFinalSequence(history, late.sequence);
    },
  },
  'real-time order': {
    'a later event takes an earlier place': (history, random) => {
      const [facts] = factsOf(history);
      const pair = facts && ordered(facts, random);
      if (!pair) return undefined;
      const [before, after] = pair;
      return everywhere(history, (event) =>
        event.eventId === before.eventId
          ? { ...event, sequence: after.sequence }
          : event.eventId === after.eventId
            ? { ...event, sequence: before.sequence }
            : event,
      );
    },
  },
  'reads see writes': {
    'a read does not see the newest event': (history, random) => {
      const [facts] = factsOf(history);
      return (
        facts &&
        withAnswer(
          history,
          random,
          (exchange) => isNumberedRead(exchange) && newestRow(facts, exchange) !== undefined,
          (answer, exchange) => {
            const body = answer.body as TranscriptView;
            const gone = newestRow(facts, exchange);
            const total = (body.pagination.total ?? 0) - 1;
            const events = body.events.filter(({ sequence }) => sequence !== gone);
            return { ...answer, body: { ...body, events, pagination: { ...body.pagination, total } } };
          },
        )
      );
    },
    'a session that exists is not found': (history, random) =>
      withAnswer(
        history,
        random,
        (exchange) => isRead(exchange) && exchange.index > history.exchanges.length / 2,
        (answer) => ({
          ...answer,
          status: 404,
          body: { statusCode: 404, code: 'SESSION_NOT_FOUND' } as Answer['body'],
        }),
      ),
  },
  'self-consistent answers': {
    'the total is below a sequence that is shown': (history, random) =>
      withAnswer(
        history,
        random,
        (exchange) => isNumberedRead(exchange) && (exchange.answer?.body as TranscriptView).events.length > 0,
        (answer) => {
          const body = answer.body as TranscriptView;
          const total = Math.max(...body.events.map(({ sequence }) => sequence)) - 1;
          return { ...answer, body: { ...body, pagination: { ...body.pagination, total } } };
        },
      ),
    'late contradicts finalSequence': (history, random) =>
      withRows(history, random, 1, (rows) => rows.map((row) => ({ ...row, late: !row.late }))),
    'two rows are out of order': (history, random) =>
      withRows(history, random, 2, ([first, second, ...others]) =>
        [second, first, ...others].filter((row) => row !== undefined),
      ),
  },
  'cursor walks': {
    'a walk leaves an event out': (history, random) => withWalk(history, random, (rows) => rows.slice(1)),
    'a walk shows an event twice': (history, random) =>
      withWalk(history, random, (rows) => [...rows.slice(0, 1), ...rows]),
  },
  'the same everywhere': {
    'one instance has an event less': (history) =>
      history.final[0]?.session
        ? {
            ...history,
            final: history.final.map((final, index) =>
              index === 0 ? final : { ...final, events: final.events.slice(0, -1) },
            ),
          }
        : undefined,
  },
  'known answers': {
    'an internal error': (history, random) =>
      withAnswer(
        history,
        random,
        () => true,
        (answer) => ({
          ...answer,
          status: 500,
          body: { statusCode: 500, code: 'INTERNAL' } as Answer['body'],
        }),
      ),
    'no Retry-After': (history, random) =>
      withAnswer(
        history,
        random,
        () => true,
        (answer) => ({
          ...answer,
          status: 503,
          body: { statusCode: 503, code: 'STORE_UNAVAILABLE' } as Answer['body'],
        }),
      ),
  },
};

const isFirst = ({ answer }: Exchange): boolean => answer?.status === 201;
const isEnd = ({ answer }: Exchange): boolean => answer?.status === 200 && !answer.replayed;
const isReplay = (exchange: Exchange): boolean =>
  isAppend(exchange) && exchange.answer?.status === 200 && !exchange.answer.mismatch;
/** A replay of an append whose first response was not lost. */
function isReplayOfKnown({ exchanges }: History): (exchange: Exchange) => boolean {
  const known = new Set(
    exchanges
      .filter(isAppend)
      .filter(isFirst)
      .map(({ request }) => request.body.eventId),
  );
  return (exchange) => isAppend(exchange) && isReplay(exchange) && known.has(exchange.request.body.eventId);
}
const isNumberedRead = (exchange: Exchange): boolean =>
  isRead(exchange) && exchange.answer?.status === 200 && exchange.request.query.cursor === undefined;

type Rows = TranscriptView['events'];

function withRows(
  history: History,
  random: Random,
  atLeast: number,
  change: (rows: Rows) => Rows,
  where: (exchange: Exchange) => boolean = () => true,
): History | undefined {
  return withAnswer(
    history,
    random,
    (exchange) =>
      isRead(exchange) && (resourceOf(exchange)?.events.length ?? 0) >= atLeast && where(exchange),
    (answer) => {
      const body = answer.body as TranscriptView;
      return { ...answer, body: { ...body, events: change(body.events) } };
    },
  );
}

/** Changes a page of a walk that was completed. */
function withWalk(history: History, random: Random, change: (rows: Rows) => Rows): History | undefined {
  const [facts] = factsOf(history);
  const finished = new Set<number>();
  for (const read of facts?.reads ?? []) {
    const { walk } = read.request;
    if (walk && resourceOf(read)?.pagination.nextCursor === null) finished.add(walk.walk);
  }
  return withRows(history, random, 1, change, (exchange) => {
    if (!facts || !isRead(exchange) || !exchange.request.walk) return false;
    const { walk } = exchange.request.walk;
    const beganAt = Math.min(
      ...facts.reads.filter(({ request }) => request.walk?.walk === walk).map(({ sentAt }) => sentAt),
    );
    const first = resourceOf(exchange)?.events[0];
    return finished.has(walk) && first !== undefined && knownSince(facts, first.eventId) < beganAt;
  });
}

function withFinalEvents(
  history: History,
  change: (events: readonly EventView[]) => readonly EventView[],
): History | undefined {
  const changed = new Map<readonly EventView[], readonly EventView[]>();
  // All instances show the same, so that only this rule can detect it.
  const [first] = history.final;
  if (!first || first.events.length < 2) return undefined;
  changed.set(first.events, change(first.events));
  return withFinals(history, (final) => ({ ...final, events: changed.get(first.events) ?? final.events }));
}

function changeOne(events: readonly EventView[], random: Random, change: Partial<EventView>): EventView[] {
  const index = random.whole(0, events.length - 1);
  return events.map((event, at) => (at === index ? { ...event, ...change } : event));
}

/** Changes an event in all responses and in the store. */
function everywhere(history: History, change: (event: EventView) => EventView): History {
  return {
    ...history,
    exchanges: history.exchanges.map((exchange): Exchange => {
      const { answer } = exchange;
      if (!answer || answer.status >= 300) return exchange;
      if (isAppend(exchange)) {
        return { ...exchange, answer: { ...answer, body: change(answer.body as EventView) } };
      }
      if (isBatch(exchange)) {
        const { results } = answer.body as BatchView;
        const changed = results.map((result) => ({ ...result, event: change(result.event) }));
        return { ...exchange, answer: { ...answer, body: { results: changed } } };
      }
      if (!isRead(exchange)) return exchange;
      const body = answer.body as TranscriptView;
      return {
        ...exchange,
        answer: {
          ...answer,
          body: { ...body, events: body.events.map((row) => ({ ...row, ...change(row) })) },
        },
      };
    }),
    final: history.final.map((final) => ({ ...final, events: final.events.map(change) })),
  };
}

function withFinalSequence(history: History, finalSequence: number): History {
  const change = <S extends SessionView>(session: S): S =>
    session.finalSequence === null ? session : { ...session, finalSequence };
  return {
    ...history,
    exchanges: history.exchanges.map((exchange): Exchange => {
      const { answer } = exchange;
      if (!answer || answer.status >= 300 || !showsSession(exchange)) return exchange;
      return { ...exchange, answer: { ...answer, body: change(answer.body as SessionView) } } as Exchange;
    }),
    final: history.final.map((final) => ({ ...final, session: final.session && change(final.session) })),
  };
}

function showsSession({ request: { kind } }: Exchange): boolean {
  return ['create', 'patch', 'complete', 'read'].includes(kind);
}

/** The sequence of the newest event that a read had to show, if it is on its page. */
function newestRow(facts: SessionFacts, exchange: Exchange): number | undefined {
  if (!isRead(exchange)) return undefined;
  const known = facts.final.events.filter(({ eventId }) => knownSince(facts, eventId) < exchange.sentAt);
  const newest = known.at(-1)?.sequence;
  const { events = [], pagination } = resourceOf(exchange) ?? {};
  const isOn = events.some(({ sequence }) => sequence === newest);
  return isOn && pagination?.total === newest ? newest : undefined;
}

/** Two events of which the first was known before the second was sent. */
function ordered(facts: SessionFacts, random: Random): readonly [EventView, EventView] | undefined {
  const { events } = facts.final;
  const pairs = events.flatMap((before) =>
    events
      .filter((after) => knownSince(facts, before.eventId) < askedFrom(facts, after.eventId))
      .map((after) => [before, after] as const),
  );
  return pairs.length > 0 ? random.pick(pairs) : undefined;
}
