import { type BatchView, type ErrorView, type EventView, type SessionView } from '../api.js';
import {
  isBatch,
  isDelete,
  isGone,
  isPatch,
  isRead,
  resourceOf,
  type Answer,
  type Exchange,
  type History,
} from '../history.js';
import { type Random } from '../random.js';
import { replaceAnswer, withAnswer, withFinals, type Fault } from './tampering.js';

/** Faults of batches, patches and deletions, by the rule that must detect them. */
export const NEWER_WRITES: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  'batches in order': {
    'a result is left out': (history, random) =>
      withAnswer(history, random, stores(1), (answer) => withResults(answer, (results) => results.slice(1))),
    'two events are stored the other way round': (history, random) =>
      withAnswer(history, random, stores(2), (answer) =>
        withResults(answer, (results) => {
          const places = results.filter(isNew).map(({ event }) => event.sequence);
          return results.map((result) =>
            isNew(result) ? { ...result, event: { ...result.event, sequence: places.pop() ?? 0 } } : result,
          );
        }),
      ),
    'what is stored is answered as a replay': (history, random) =>
      withAnswer(history, random, stores(1), (answer) => ({ ...answer, status: 200, replayed: true })),
  },
  'patches kept': {
    'a key is gone from the answers and from the store': (history, random) => {
      const patches = history.exchanges.filter(isPatch).filter(resourceOf as (exchange: Exchange) => unknown);
      if (patches.length === 0 || !history.final[0]?.session) return undefined;
      const [, key = ''] = Object.keys(random.pick(patches).request.body.metadata);
      return withFinals(history, (final) => ({
        ...final,
        session: final.session && without(final.session, key),
      }));
    },
    'a read shows the metadata of before': (history, random) => {
      const first = history.exchanges.find((exchange) => isPatch(exchange) && resourceOf(exchange));
      return withAnswer(
        history,
        random,
        (exchange) =>
          isRead(exchange) &&
          exchange.answer?.status === 200 &&
          exchange.sentAt > (first?.endedAt ?? Infinity),
        (answer) => ({ ...answer, body: { ...(answer.body as SessionView), metadata: {} } }),
      );
    },
    'a key appears that nobody sent': (history, random) =>
      withAnswer(
        history,
        random,
        (exchange) => isRead(exchange) && exchange.answer?.status === 200,
        (answer) => {
          const session = answer.body as SessionView;
          const metadata = { ...session.metadata, 'patched-by-nobody': 1 };
          return { ...answer, body: { ...session, metadata } };
        },
      ),
  },
  'deleted for ever': {
    'an append is stored after the 204': (history, random) =>
      answeredAgain(history, random, isSentAfterDeletion(history.exchanges, 'append')),
    'a session is created again': (history, random) =>
      answeredAgain(history, random, isSentAfterDeletion(history.exchanges, 'create')),
    'a second DELETE finds nothing to delete': (history, random) =>
      withAnswer(history, random, isSentAfterDeletion(history.exchanges, 'delete'), (answer) => ({
        ...answer,
        ...refusal(404, 'SESSION_NOT_FOUND'),
      })),
    'a read is answered as deleted before anybody asked for it': (history) => {
      const read = history.exchanges.find((exchange) => isRead(exchange) && exchange.answer?.status === 200);
      return (
        read?.answer && replaceAnswer(history, read, { ...read.answer, ...refusal(410, 'SESSION_DELETED') })
      );
    },
    'a session that was shown as deleted is shown again': (history, random) => {
      const told = Math.min(...history.exchanges.filter(isGone).map(({ endedAt }) => endedAt));
      return answeredAgain(history, random, (exchange) => isRead(exchange) && exchange.sentAt > told);
    },
    'an instance has it again in the end': (history) =>
      history.final[0]?.deleted ? withFinals(history, (final) => ({ ...final, deleted: false })) : undefined,
  },
  streams: {
    'a stream leaves an event out': (history) => withLastStream(history, (shown) => shown.slice(1)),
    'a stream shows an event twice': (history) =>
      withLastStream(history, (shown) => [...shown.slice(0, 1), ...shown]),
    'a stream does not show the last event': (history) =>
      withLastStream(history, (shown) => shown.slice(0, -1)),
    'a stream shows another content': (history) =>
      withLastStream(history, (shown) => shown.map((event) => ({ ...event, type: 'other' }))),
  },
  erased: {
    'an event came after the log was erased': (history) =>
      history.remains.length > 0
        ? { ...history, remains: history.remains.map((one) => ({ ...one, events: 1 })) }
        : undefined,
    'the metadata of a deleted session is still there': (history) =>
      history.remains.length > 0
        ? {
            ...history,
            remains: history.remains.map((one) => ({ ...one, fields: [...one.fields, 'metadata'] })),
          }
        : undefined,
  },
};

const isNew = ({ status }: { readonly status: number }): boolean => status === 201;

/** A batch that stored at least this many events. */
function stores(atLeast: number): (exchange: Exchange) => boolean {
  return (exchange) => {
    const results = (isBatch(exchange) && resourceOf(exchange)?.results) || [];
    return results.filter(isNew).length >= atLeast;
  };
}

function withResults(
  answer: Answer,
  change: (results: BatchView['results']) => BatchView['results'],
): Answer {
  return { ...answer, body: { results: change((answer.body as BatchView).results) } };
}

function withLastStream(
  history: History,
  change: (shown: readonly EventView[]) => readonly EventView[],
): History | undefined {
  const last = history.followings.at(-1);
  if (!last || last.shown.length < 2) return undefined;
  return {
    ...history,
    followings: [...history.followings.slice(0, -1), { ...last, shown: change(last.shown) }],
  };
}

function without(session: SessionView, key: string): SessionView {
  const kept = Object.entries(session.metadata).filter(([name]) => name !== key);
  return { ...session, metadata: Object.fromEntries(kept) };
}

function isSentAfterDeletion(
  exchanges: readonly Exchange[],
  kind: Exchange['request']['kind'],
): (exchange: Exchange) => boolean {
  const deletions = exchanges.filter((exchange) => isDelete(exchange) && exchange.answer?.status === 204);
  const deletedAt = Math.min(...deletions.map(({ endedAt }) => endedAt));
  return (exchange) => exchange.request.kind === kind && exchange.sentAt > deletedAt;
}

/** Gives a request the response that a request of its kind got before the session was deleted. */
function answeredAgain(
  history: History,
  random: Random,
  where: (exchange: Exchange) => boolean,
): History | undefined {
  const before = (kind: Exchange['request']['kind']) =>
    history.exchanges.find(({ request, answer }) => request.kind === kind && answer && answer.status < 300)
      ?.answer;
  return withAnswer(
    history,
    random,
    (exchange) => where(exchange) && before(exchange.request.kind) !== undefined,
    (answer, { request }) => before(request.kind) ?? answer,
  );
}

function refusal(status: number, code: string): Pick<Answer, 'status' | 'body'> {
  return { status, body: { statusCode: status, code } as ErrorView };
}
