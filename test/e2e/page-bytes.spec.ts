import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { startWatchedService, type WatchedService } from '../support/watched-service.js';

const KIB = 1024;
const PAGE_BYTES = 64 * KIB;

let service: TestService;
beforeAll(async () => {
  service = await startService({ pageBytes: PAGE_BYTES });
});
afterAll(() => service.close());

const ofKib = (kib: number) => anEvent({ payload: { text: 'x'.repeat(kib * KIB) } });

/** A new session with events of these sizes. */
async function aSessionOf(kibs: readonly number[]): Promise<string> {
  const sessionId = await createSession(service.client);
  const { status } = await service.client.appendBatch(sessionId, kibs.map(ofKib));
  expect(status).toBe(201);
  return sessionId;
}

const sequences = (events: readonly { sequence: number }[]) => events.map(({ sequence }) => sequence);

describe('a page whose events exceed MAX_PAGE_BYTES together', () => {
  it('holds as many events as fit, and its cursor continues after them', async () => {
    const sessionId = await aSessionOf([20, 20, 20, 20, 20]);

    const { body } = await service.client.read(sessionId, { limit: 5 });
    expect(sequences(body.events)).toEqual([1, 2, 3]);
    expect(body.pagination).toMatchObject({ total: 5, page: 1, limit: 5, totalPages: 1, hasMore: true });

    const next = await service.client.read(sessionId, { limit: 5, cursor: body.pagination.nextCursor ?? '' });
    expect(sequences(next.body.events)).toEqual([4, 5]);
    expect(next.body.pagination).toEqual({ limit: 5, hasMore: false, nextCursor: null });
  });

  it('holds a single event that exceeds it alone', async () => {
    const sessionId = await aSessionOf([100, 1]);

    const { body } = await service.client.read(sessionId, {});
    expect(sequences(body.events)).toEqual([1]);
    expect(body.pagination).toMatchObject({ total: 2, hasMore: true });
  });

  it('does not move later pages, which are counted by the limit', async () => {
    const sessionId = await aSessionOf([40, 40, 1, 1]);

    expect(sequences((await service.client.read(sessionId, { limit: 2, page: 1 })).body.events)).toEqual([1]);
    expect(sequences((await service.client.read(sessionId, { limit: 2, page: 2 })).body.events)).toEqual([
      3, 4,
    ]);
  });

  it('loses no event in a walk by cursor, whatever the sizes', async () => {
    const walk = fc.record({
      kibs: fc.array(fc.constantFrom(0, 1, 20, 40, 63, 64, 65, 200), { minLength: 1, maxLength: 12 }),
      limit: fc.integer({ min: 1, max: 13 }),
      sort: fc.constantFrom('timestamp', 'sequence'),
      order: fc.constantFrom('asc', 'desc'),
    });
    await fc.assert(
      fc.asyncProperty(walk, async ({ kibs, ...query }) => {
        const sessionId = await aSessionOf(kibs);
        const seen: number[] = [];
        let page = (await service.client.read(sessionId, query)).body;
        for (;;) {
          seen.push(...sequences(page.events));
          const { nextCursor: cursor } = page.pagination;
          if (cursor === null) break;
          page = (await service.client.read(sessionId, { cursor, limit: query.limit })).body;
          expect(page.events.length).toBeGreaterThan(0);
        }
        const all = upTo(kibs.length);
        expect(seen).toEqual(query.order === 'asc' ? all : all.reverse());
      }),
      { numRuns: 30 },
    );
  });
});

describe('a page that the store could not send in one reply', () => {
  let watched: WatchedService;
  beforeAll(async () => {
    watched = await startWatchedService();
  });
  afterAll(() => watched.close());

  async function aLargeSession(): Promise<string> {
    const sessionId = await createSession(watched.client, { status: 'active' });
    const timestamp = new Date();
    for (const sequence of upTo(6)) {
      const event = { ...ofKib(3.5 * KIB), sessionId, sequence, timestamp, receivedAt: timestamp };
      await watched.connection.collection('events').insertOne(event);
    }
    return sessionId;
  }

  it('is read only as far as it is shown', async () => {
    const sessionId = await aLargeSession();
    for (const expected of [[1], [1]]) {
      const commands = await watched.commandsOf(async () => {
        const { body } = await watched.client.read(sessionId, { limit: 6 });
        expect(sequences(body.events)).toEqual(expected);
        expect(body.pagination).toMatchObject({ total: 6, hasMore: true });
      });
      expect(commands.map(({ name }) => name)).toEqual(['aggregate']);
    }
  });

  it('is read one at a time for each session, even before the session is known to be large', async () => {
    const sessionId = await aLargeSession();
    const underWay = { now: 0, most: 0 };
    watched.connection
      .getClient()
      .on('commandStarted', ({ commandName }) => {
        if (commandName === 'aggregate') underWay.most = Math.max(underWay.most, ++underWay.now);
      })
      .on('commandSucceeded', ({ commandName }) => {
        if (commandName === 'aggregate') underWay.now--;
      });
    await Promise.all(upTo(8).map(() => watched.client.read(sessionId, { limit: 6 })));

    expect(underWay.most).toBe(1);
  });
});
