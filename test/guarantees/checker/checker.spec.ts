import { describe, expect, it } from '@jest/globals';
import { type ReadBody, type SessionBody } from '../../support/representations.js';
import { contentOf, sessionBody } from '../contents.js';
import {
  type Answer,
  type Event,
  type Exchange,
  type FinalSession,
  type History,
  type Kind,
  type Look,
  type ReadQuery,
  type Requests,
} from '../history.js';
import { check, RULES } from './check.js';
import { keyOf } from './writes.js';

type Mutable<T> = { -readonly [Key in keyof T]: Mutable<T[Key]> };

const TIME = '2026-03-01T12:00:00.000Z';
const KEPT = 'kept';
const GONE = 'gone';

function eventOf(sessionId: string, eventId: string, sequence: number): Event {
  const { type, payload, timestamp = TIME } = contentOf(sessionId, eventId, 0);
  return { eventId, sessionId, sequence, type, payload, timestamp, receivedAt: TIME };
}

/** What happens to two sessions, one request after the other, of which the second one is deleted. All of it is right. */
function rightHistory(): History {
  const exchanges: Exchange[] = [];
  const ask = <K extends Kind>(
    sessionId: string,
    kind: K,
    request: Requests[K],
    status: number,
    body: unknown,
    told: Partial<Answer> = {},
  ) => {
    const sentAt = exchanges.length * 10;
    const answer = { status, replayed: false, mismatch: false, body, ...told };
    const about = { kind, sessionId, request, instance: 'a', sentAt, endedAt: sentAt + 5 };
    exchanges.push({ ...about, answer } as Exchange);
  };
  const session: SessionBody = {
    ...sessionBody(KEPT, 0),
    status: 'active',
    startedAt: TIME,
    endedAt: null,
    finalSequence: null,
  };
  const metadata = { ...session.metadata, [keyOf(1)]: 1 };
  const ended = { ...session, metadata, status: 'completed', endedAt: TIME, finalSequence: 4 };
  const events = [1, 2, 3, 4, 5].map((sequence) => eventOf(KEPT, `e-${sequence}`, sequence));
  const [one, two, three, four, five] = events as [Event, Event, Event, Event, Event];
  const redactedTwo = { ...two, payload: {}, redactedAt: TIME };
  const log = [one, redactedTwo, three, four, five].map((event) => ({ ...event, late: event === five }));
  const append = (eventId: string) => ({ body: contentOf(KEPT, eventId, 0), strict: false });
  const read = (
    query: Partial<ReadQuery>,
    of: SessionBody,
    rows: readonly Event[],
    pagination: object,
    step?: number,
  ) => {
    const asked = { limit: 2, sort: 'sequence', order: 'asc', ...query } as const;
    const request = { query: asked, ...(step !== undefined && { walk: { walk: 1, step } }) };
    const late = ({ sequence }: Event) => sequence > (of.finalSequence ?? Infinity);
    const page = { ...of, events: rows.map((row) => ({ ...row, late: late(row) })) };
    ask(KEPT, 'read', request, 200, { ...page, pagination: { limit: 2, ...pagination } });
  };

  ask(KEPT, 'create', { body: sessionBody(KEPT, 0), strict: false }, 201, {
    ...session,
    status: 'initiated',
  });
  ask(KEPT, 'append', append('e-1'), 201, one);
  ask(KEPT, 'append', append('e-2'), 201, two);
  ask(KEPT, 'append', append('e-1'), 200, one, { replayed: true });
  const results = [three, four].map((event) => ({ status: 201, replayed: false, mismatch: false, event }));
  ask(KEPT, 'batch', { body: { events: [append('e-3').body, append('e-4').body] } }, 201, { results });
  ask(KEPT, 'patch', { body: { metadata: { [keyOf(1)]: 1 } } }, 200, { ...session, metadata });
  read(
    {},
    { ...session, metadata },
    [one, two],
    { total: 4, page: 1, totalPages: 2, hasMore: true, nextCursor: 'c' },
    0,
  );
  read({ cursor: 'c' }, { ...session, metadata }, [three, four], { hasMore: false, nextCursor: null }, 1);
  ask(KEPT, 'redact', { eventId: 'e-2' }, 204, null);
  ask(KEPT, 'append', append('e-2'), 200, redactedTwo, { replayed: true, mismatch: true });
  ask(KEPT, 'complete', { body: {} }, 200, ended);
  ask(KEPT, 'append', append('e-5'), 201, five);
  ask(KEPT, 'complete', { body: {} }, 200, ended, { replayed: true });
  read({ page: 3 }, ended, [five], { total: 5, page: 3, totalPages: 3, hasMore: false, nextCursor: null });
  ask(GONE, 'create', { body: sessionBody(GONE, 0), strict: false }, 201, {
    ...session,
    ...sessionBody(GONE, 0),
  });
  const first = eventOf(GONE, 'e-1', 1);
  ask(GONE, 'append', { body: contentOf(GONE, 'e-1', 0), strict: false }, 201, first);
  ask(GONE, 'delete', {}, 204, null);
  const gone = { statusCode: 410, code: 'SESSION_DELETED' };
  ask(GONE, 'append', { body: contentOf(GONE, 'e-2', 0), strict: false }, 410, gone);

  const final = ['a', 'b'].flatMap((instance): FinalSession[] => [
    {
      sessionId: KEPT,
      instance,
      session: ended,
      deleted: false,
      events: log,
      transcript: [one, three, four, five].map(({ payload }) => payload['text']).join('\n'),
    },
    { sessionId: GONE, instance, session: null, deleted: true, events: [], transcript: '' },
  ]);
  const place = {
    collection: 'events',
    fields: ['_id', 'sessionId', 'eventId', 'sequence', 'closed'],
  } as const;
  const left = {
    collection: 'sessions',
    fields: ['_id', 'sessionId', 'deletedAt'],
  } as const;
  const blanked = {
    collection: 'events',
    eventId: 'e-2',
    fields: ['_id', 'type', 'redactedAt'],
  } as const;
  const looks: Look[] = [
    { sessionId: GONE, after: 'deletion', documents: [left, { ...place, eventId: 'e-1' }] },
    { sessionId: GONE, after: 'the day', documents: [left] },
    { sessionId: KEPT, after: 'redaction', eventId: 'e-2', documents: [blanked] },
  ];
  const following = { instance: 'a', sentAt: 12, status: 200, isOver: true };
  const followings = [
    { ...following, sessionId: KEPT, after: 0, shown: [one, two] },
    { ...following, sessionId: KEPT, after: 2, shown: [three, four], end: ended },
    { ...following, sessionId: KEPT, after: 4, shown: [], status: 204 },
    { ...following, sessionId: GONE, after: 0, shown: [first] },
    { ...following, sessionId: GONE, after: 1, shown: [], status: 410 },
  ];
  return { exchanges, final, looks, followings };
}

/** The answer to the request of that number, as what it is an answer to. */
function bodyOf<Body>({ exchanges }: Mutable<History>, index: number): Mutable<Body> {
  return exchanges[index]?.answer?.body as Mutable<Body>;
}

function change<T extends object>(target: T | undefined, fields: Partial<T>): void {
  if (!target) throw new Error('There is nothing to change');
  Object.assign(target, fields);
}

/** A broken promise for each rule. */
const PLANTED: Readonly<Record<string, (history: Mutable<History>) => void>> = {
  'acknowledged writes': ({ final }) => {
    for (const { events } of final) events.splice(2, 1);
  },
  'dense sequences': ({ final }) => {
    for (const { events } of final) for (const event of events) event.sequence += 1;
  },
  'created once': ({ exchanges }) => {
    change(exchanges[3]?.answer, { status: 201, replayed: false });
  },
  'equal replays': (history) => {
    change(bodyOf<Event>(history, 3), { receivedAt: '2026-03-01T12:00:00.001Z' });
  },
  'one end': (history) => {
    change(bodyOf<SessionBody>(history, 12), { endedAt: '2026-03-01T12:00:00.001Z' });
  },
  'late means after the end': ({ final }) => {
    for (const { session } of final) if (session) session.finalSequence = 3;
  },
  'real-time order': ({ final }) => {
    for (const { events } of final) events.reverse();
  },
  'reads see writes': (history) => {
    bodyOf<ReadBody>(history, 7).events.pop();
  },
  'self-consistent answers': (history) => {
    change(bodyOf<ReadBody>(history, 13).pagination, { total: 4 });
  },
  'batches in order': (history) => {
    bodyOf<{ results: unknown[] }>(history, 4).results.reverse();
  },
  'patches kept': ({ final }) => {
    for (const { session } of final) if (session) session.metadata = {};
  },
  'deleted for ever': ({ exchanges }) => {
    change(exchanges.at(-1)?.answer, { status: 201, body: null });
  },
  erased: ({ looks }) => {
    looks[0]?.documents[1]?.fields.push('payload');
  },
  redacted: ({ final }) => {
    change(final[0]?.events[1], { payload: { text: 'as before' } });
  },
  streams: ({ followings }) => {
    followings[1]?.shown.shift();
  },
  'every stream ends': ({ followings }) => {
    followings.pop();
  },
  'the same everywhere': ({ final }) => {
    final[2]?.events.pop();
  },
  'known answers': ({ exchanges }) => {
    change(exchanges[5]?.answer, { status: 500 });
  },
};

describe('the checker', () => {
  it('finds nothing wrong where nothing is, and has something to check for every rule', () => {
    const { checks, violations } = check(rightHistory());
    expect(violations).toEqual([]);
    expect(Object.entries(checks).filter(([, count]) => count === 0)).toEqual([]);
  });

  it.each(RULES.map(({ name }) => name))('finds what breaks the promise of "%s"', (name) => {
    const history = JSON.parse(JSON.stringify(rightHistory())) as Mutable<History>;
    PLANTED[name]?.(history);
    expect(check(history).violations.map(({ rule }) => rule)).toContain(name);
  });
});
