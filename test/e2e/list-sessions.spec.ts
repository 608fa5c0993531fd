import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expectError } from '../support/expectations.js';
import { type ListBody, type SessionBody } from '../support/representations.js';
import { aSession, anEvent, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

type Query = Record<string, string | number>;
const LONG = 'long '.repeat(1000);
const VALUES = [
  'billing',
  'Billing',
  'sales',
  '',
  '*',
  LONG,
  `${LONG}!`,
  'é',
  7,
  true,
  null,
  ['sales'],
  { a: 'sales' },
];
const STATUSES = ['initiated', 'active', 'completed', 'failed'];
const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString();

let service: TestService;
/** All sessions, newest first. */
let stored: SessionBody[];

beforeAll(async () => {
  service = await startService();
  const answers = await Promise.all(upTo(96).map((n) => aSessionOfAll(n)));
  stored = answers.sort(
    (a, b) => b.startedAt.localeCompare(a.startedAt) || (a.sessionId < b.sessionId ? 1 : -1),
  );
});
afterAll(() => service.close());

/** Sessions with every status and value, several of them in each second. */
async function aSessionOfAll(n: number): Promise<SessionBody> {
  const metadata = {
    queue: VALUES[n % VALUES.length],
    'caller.id': n % 3 === 0 ? '7' : 7,
    caller: { id: '8' },
    $plan: n % 5 ? 'gold' : 'free',
    '50%': 'off',
  };
  const sessionId = newId();
  await service.client.create(aSession({ sessionId, startedAt: at(n % 20), metadata }));
  const status = STATUSES[n % 4];
  if (status !== 'initiated') await service.client.append(sessionId, anEvent());
  if (status === 'completed' || status === 'failed') await service.client.complete(sessionId, { status });
  const {
    events,
    pagination,
    eventCount: _count,
    lastEventAt: _last,
    ...session
  } = (await service.client.read(sessionId)).body;
  expect([events.length, pagination.total, session.status]).toEqual([n % 4 ? 1 : 0, n % 4 ? 1 : 0, status]);
  return session;
}

/** The text by which a value can be filtered; undefined for what can't be. */
function textOf(value: unknown): string | undefined {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isText ? String(value) : undefined;
}

/** All pages of a walk by cursor. */
async function walk(query: Query): Promise<ListBody[]> {
  const pages: ListBody[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { status, body } = await service.client.list(cursor === undefined ? query : { ...query, cursor });
    expect(status).toBe(200);
    pages.push(body);
    cursor = body.pagination.nextCursor;
  }
  return pages;
}
const walked = async (query: Query) => (await walk(query)).flatMap(({ sessions }) => sessions);
const cursorFor = async (query: Query = {}) =>
  (await service.client.list({ limit: 5, ...query })).body.pagination.nextCursor ?? '';

describe('GET /sessions', () => {
  it('lists sessions in their current state, newest first, with a cursor and no total', async () => {
    const { status, headers, body } = await service.client.list({ limit: 7 });

    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(body.sessions).toEqual(stored.slice(0, 7));
    expect(body.pagination).toEqual({ limit: 7, hasMore: true, nextCursor: expect.any(String) });
  });

  it('shows 20 at a time by default, and ends with hasMore false and no cursor', async () => {
    const pages = await walk({});

    expect(pages.map(({ sessions }) => sessions.length)).toEqual([20, 20, 20, 20, 16]);
    expect(pages.flatMap(({ sessions }) => sessions)).toEqual(stored);
    expect(pages.at(-1)?.pagination).toEqual({ limit: 20, hasMore: false, nextCursor: null });
    expect((await walk({ limit: 96 })).length).toBe(1);
  });

  it('shows what every combination of filters selects, in either order, on pages of any size', async () => {
    const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const text = fc.constantFrom(
      ...VALUES.filter((value) => typeof value !== 'object').map(String),
      'true',
      'nobody',
      'a'.repeat(128),
    );
    const filters = fc.record({
      status: maybe(fc.uniqueArray(fc.constantFrom(...STATUSES), { minLength: 1 })),
      from: maybe(fc.integer({ min: -1, max: 21 }).map(at)),
      to: maybe(fc.integer({ min: -1, max: 21 }).map(at)),
      queue: maybe(text),
      'caller.id': maybe(fc.constantFrom('7', '8')),
      $plan: maybe(fc.constantFrom('gold', 'free')),
      '50%': maybe(fc.constant('off')),
    });
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.integer({ min: 1, max: 100 }),
        fc.boolean(),
        async (filter, limit, ascending) => {
          const { status, from, to, ...metadata } = filter;
          const wanted = stored.filter(
            (session) =>
              (status?.includes(session.status) ?? true) &&
              !(from && session.startedAt < from) &&
              !(to && session.startedAt >= to) &&
              Object.entries(metadata).every(
                ([key, value]) => value === undefined || textOf(session.metadata[key]) === value,
              ),
          );
          const query = Object.entries({
            status: status?.join(','),
            from,
            to,
            limit,
            order: ascending ? 'asc' : undefined,
            ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value])),
          }).filter((entry): entry is [string, string | number] => entry[1] !== undefined);

          const pages = await walk(Object.fromEntries(query));

          expect(pages.flatMap(({ sessions }) => sessions)).toEqual(ascending ? wanted.reverse() : wanted);
          expect(pages.length).toBe(Math.max(1, Math.ceil(wanted.length / limit)));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds a session by its current metadata', async () => {
    const { sessionId } = (await service.client.create(aSession({ metadata: { queue: 'before' } }))).body;
    const idsWith = async (queue: string) =>
      (await walked({ 'metadata.queue': queue })).map((session) => session.sessionId);

    expect(await idsWith('before')).toEqual([sessionId]);
    await service.client.patch(sessionId, { metadata: { queue: 'after' } });
    expect([await idsWith('before'), await idsWith('after')]).toEqual([[], [sessionId]]);
    await service.client.patch(sessionId, { metadata: { queue: null } });
    expect(await idsWith('after')).toEqual([]);
    stored = (await walk({ limit: 100 })).flatMap(({ sessions }) => sessions);
  });
});

describe('a cursor of the list', () => {
  it('carries order and filters, which may be repeated but not changed', async () => {
    const query = { order: 'asc', status: 'failed,active', from: at(0), 'metadata.50%': 'off' };
    const cursor = await cursorFor(query);

    const carried = await service.client.list({ cursor });
    const said = await service.client.list({
      cursor,
      ...query,
      status: 'active,failed',
      from: '2026-03-01T01:00:00+01:00',
    });

    expect(carried.body.sessions.length).toBe(20);
    expect(said.text).toBe(carried.text);
  });

  it.each([{ order: 'asc' }, { status: 'active' }, { to: at(100) }] as Query[])(
    'is refused with %j where it was given out with others',
    async (other) => {
      const cursor = await cursorFor({ 'metadata.$plan': 'free', status: 'initiated,active' });

      expectError(await service.client.list({ cursor, ...other }), 'INVALID_CURSOR', 'cursor');
    },
  );

  const forged = (content: unknown) => {
    const text = JSON.stringify(content);
    const checksum = createHash('sha256').update(text).digest().subarray(0, 6);
    return Buffer.concat([checksum, Buffer.from(text)]).toString('base64url');
  };

  it.each([
    ['has an operator for a value', ['sessions', { order: 'desc', 'metadata.queue': { $ne: 1 } }, [0, 'a']]],
    ['has an id that is too long', ['sessions', { order: 'desc' }, [0, 'a'.repeat(5000)]]],
  ])('is refused if it is forged and %s', async (_what, content) => {
    const real = forged(['sessions', { order: 'desc', 'metadata.queue': 'sales' }, [0, 'a']]);
    expect((await service.client.list({ cursor: real })).status).toBe(200);
    expectError(await service.client.list({ cursor: forged(content) }), 'INVALID_CURSOR', 'cursor');
  });
});

describe('GET /sessions is refused', () => {
  it.each([
    [{ limit: 0 }, 'limit'],
    [{ page: 2 }, 'page'],
    [{ sort: 'startedAt' }, 'sort'],
    [{ status: 'active, failed' }, 'status'],
    [{ from: 'yesterday' }, 'from'],
    [{ to: '2026-03' }, 'to'],
    [{ metadata: 'x' }, 'metadata'],
    [{ 'metadata.colour': 'red' }, 'metadata.colour'],
    [{ 'metadata.__proto__': 'x' }, 'metadata.__proto__'],
    [{ sessionId: 'x' }, 'sessionId'],
  ] as [Query, string][])('with %j', async (query, field) => {
    expectError(await service.client.list(query), 'VALIDATION_FAILED', field);
  });

  it('for a metadata key without an index, with a list of those that have one', async () => {
    const { message } = expectError(
      await service.client.list({ 'metadata.colour': 'red' }),
      'VALIDATION_FAILED',
    );

    expect(message).toEqual([
      "metadata.colour can't be filtered by; possible: metadata.queue, metadata.caller.id, metadata.$plan, metadata.50%",
    ]);
  });
});

it('a walk shows every session that was there when it began once, while others are created and change', async () => {
  const started = upTo(60).map((n) => ({ sessionId: newId(), startedAt: at(3000 + (n % 7)) }));
  await Promise.all(started.map((fields) => service.client.create(aSession(fields))));
  let isWalking = true;
  const write = async () => {
    for (let n = 0; isWalking; n++) {
      const { sessionId } = started[n % 60] ?? { sessionId: '' };
      await service.client.append(sessionId, anEvent());
      await service.client.complete(sessionId, { status: 'failed' });
      await service.client.create(aSession({ startedAt: at(3000 + (n % 9)) }));
      await sleep(10); // a walk must get to its end
    }
  };
  const writing = write();
  const walks = await Promise.all(
    [{}, { status: 'initiated,active,failed' }].map((query) =>
      walked({ ...query, from: at(3000), limit: 4 }),
    ),
  );
  isWalking = false;
  await writing;

  for (const sessions of walks) {
    const ids = sessions.map(({ sessionId }) => sessionId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(started.filter(({ sessionId }) => !ids.includes(sessionId))).toEqual([]);
  }
});
