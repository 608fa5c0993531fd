import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { anEvent, appendAll, createSession, createSessionWith, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

type Query = Record<string, string | number>;

/** The sequences on a page. */
async function sequencesOf(sessionId: string, query: Query = {}): Promise<number[]> {
  const { status, body } = await service.client.read(sessionId, query);
  expect(status).toBe(200);
  return body.events.map(({ sequence }) => sequence);
}

describe('GET /sessions/:sessionId', () => {
  it('answers with the session, its events and the position of the page', async () => {
    const sessionId = await createSession(service.client);
    const stored = await appendAll(service.client, sessionId, [anEvent(), anEvent({ type: 'bot_speech' })]);

    const { status, body } = await service.client.read(sessionId);

    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'sessionId',
      'status',
      'language',
      'startedAt',
      'endedAt',
      'finalSequence',
      'metadata',
      'eventCount',
      'lastEventAt',
      'events',
      'pagination',
    ]);
    expect(body).toMatchObject({ sessionId, status: 'active', endedAt: null, finalSequence: null });
    expect(body.events).toEqual(stored.map((event) => ({ ...event, late: false })));
    expect(body.pagination).toEqual({
      total: 2,
      page: 1,
      limit: 20,
      totalPages: 1,
      hasMore: false,
      nextCursor: null,
    });
  });

  it('answers with an empty list if there are no events', async () => {
    const { body } = await service.client.read(await createSession(service.client));

    expect(body.events).toEqual([]);
    expect(body.pagination).toEqual({
      total: 0,
      page: 1,
      limit: 20,
      totalPages: 0,
      hasMore: false,
      nextCursor: null,
    });
  });

  it('shows events stored after the end as late', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    await service.client.complete(sessionId);
    await appendAll(service.client, sessionId, [anEvent({ timestamp: '2001-01-01T00:00:00Z' })]);

    const { body } = await service.client.read(sessionId);

    expect(body.events.map(({ sequence, late }) => [sequence, late])).toEqual([
      [3, true],
      [1, false],
      [2, false],
    ]);
    expect(body).toMatchObject({ status: 'completed', finalSequence: 2, pagination: { total: 3 } });
  });
});

describe('GET /sessions/:sessionId?page', () => {
  let sessionId: string;
  beforeAll(async () => {
    sessionId = await createSessionWith(service.client, 45);
  });

  it.each([
    [{}, upTo(20), { page: 1, limit: 20, totalPages: 3, hasMore: true }],
    [{ page: 2 }, upTo(40).slice(20), { page: 2, limit: 20, totalPages: 3, hasMore: true }],
    [{ page: 3 }, upTo(45).slice(40), { page: 3, limit: 20, totalPages: 3, hasMore: false }],
    [{ page: 4 }, [], { page: 4, limit: 20, totalPages: 3, hasMore: false }],
    [
      { page: 1_000_000_000, limit: 100 },
      [],
      { page: 1_000_000_000, limit: 100, totalPages: 1, hasMore: false },
    ],
    [{ limit: 1, page: 45 }, [45], { page: 45, limit: 1, totalPages: 45, hasMore: false }],
    [{ limit: 45 }, upTo(45), { page: 1, limit: 45, totalPages: 1, hasMore: false }],
    [{ limit: 100 }, upTo(45), { page: 1, limit: 100, totalPages: 1, hasMore: false }],
    [{ limit: 44 }, upTo(44), { page: 1, limit: 44, totalPages: 2, hasMore: true }],
  ])('%j shows its part of the log', async (query, sequences, pagination) => {
    for (const sort of ['timestamp', 'sequence']) {
      const { body } = await service.client.read(sessionId, { ...query, sort });

      expect(body.events.map(({ sequence }) => sequence)).toEqual(sequences);
      expect(body.pagination).toMatchObject({ total: 45, ...pagination });
      expect(body.pagination.nextCursor !== null).toBe(pagination.hasMore);
    }
  });

  it.each([
    [{ limit: 3 }, [45, 44, 43]],
    [{ limit: 20, page: 3 }, [5, 4, 3, 2, 1]],
    [{ limit: 20, page: 4 }, []],
  ])('%j in descending order counts from the end', async (query, sequences) => {
    for (const sort of ['timestamp', 'sequence']) {
      const { body } = await service.client.read(sessionId, { ...query, sort, order: 'desc' });

      expect(body.events.map(({ sequence }) => sequence)).toEqual(sequences);
      expect(body.pagination.total).toBe(45);
    }
  });

  it('is stable: a page read twice is the same', async () => {
    const [first, again] = [await service.client.read(sessionId), await service.client.read(sessionId)];

    expect(again.text).toBe(first.text);
  });

  it.each([
    ['limit', '0'],
    ['limit', '101'],
    ['limit', '-1'],
    ['limit', '1.5'],
    ['limit', '1e1'],
    ['limit', '0x10'],
    ['limit', ''],
    ['limit', ' 5'],
    ['limit', 'ten'],
    ['limit', '99999999999999999999'],
    ['page', '0'],
    ['page', '-1'],
    ['page', '1000000001'],
    ['page', 'NaN'],
    ['sort', 'receivedAt'],
    ['sort', 'Sequence'],
    ['order', 'DESC'],
    ['order', '1'],
    ['type', 'speech'],
    ['type', ''],
    ['from', '2026-03-01'],
    ['to', 'now'],
    ['afterSequence', '-1'],
    ['afterSequence', 'x'],
    ['cursor[]', 'x'],
    ['Limit', '5'],
    ['offset', '5'],
    ['__proto__', 'x'],
  ])('refuses %s=%s and names it', async (name, value) => {
    expectError(await service.client.read(sessionId, { [name]: value }), 'VALIDATION_FAILED', name);
  });

  it('refuses page together with cursor', async () => {
    const { body } = await service.client.read(sessionId);
    const answer = await service.client.read(sessionId, {
      cursor: body.pagination.nextCursor ?? '',
      page: 2,
    });

    expectError(answer, 'VALIDATION_FAILED', 'page');
  });

  it('refuses a parameter given twice, even with the same value', async () => {
    const answer = await service.client.send({ path: `/sessions/${sessionId}?limit=5&limit=5` });

    expectError(answer, 'VALIDATION_FAILED', 'limit');
  });
});

describe('sort, order and filters', () => {
  let sessionId: string;
  beforeAll(async () => {
    sessionId = await createSession(service.client);
    const event = (type: string, second: number) =>
      anEvent({ type, timestamp: `2026-03-01T12:00:0${second}Z` });
    await appendAll(service.client, sessionId, [
      event('user_speech', 3), // 1
      event('bot_speech', 1), // 2
      event('system', 3), // 3
      event('user_speech', 5), // 4
      event('user_speech', 1), // 5
    ]);
  });

  const at = (second: number) => `2026-03-01T12:00:0${second}.000Z`;

  it.each([
    [{}, [2, 5, 1, 3, 4]],
    [{ sort: 'timestamp', order: 'asc' }, [2, 5, 1, 3, 4]],
    [{ order: 'desc' }, [4, 3, 1, 5, 2]],
    [{ sort: 'sequence' }, [1, 2, 3, 4, 5]],
    [{ sort: 'sequence', order: 'desc' }, [5, 4, 3, 2, 1]],
    [{ type: 'user_speech' }, [5, 1, 4]],
    [{ type: 'system' }, [3]],
    [{ type: 'bot_speech,system' }, [2, 3]],
    [{ type: 'system,user_speech,system' }, [5, 1, 3, 4]],
    [{ type: 'user_speech,bot_speech,system' }, [2, 5, 1, 3, 4]],
    [{ from: at(3) }, [1, 3, 4]],
    [{ to: at(3) }, [2, 5]],
    [{ from: at(1), to: at(5) }, [2, 5, 1, 3]],
    [{ from: '2026-03-01T14:00:03+02:00' }, [1, 3, 4]],
    [{ from: at(3), to: at(3) }, []],
    [{ from: at(5), to: at(1) }, []],
    [{ afterSequence: 0 }, [1, 2, 3, 4, 5]],
    [{ afterSequence: 2 }, [3, 4, 5]],
    [{ afterSequence: 2, order: 'desc' }, [5, 4, 3]],
    [{ afterSequence: 2, sort: 'timestamp' }, [5, 3, 4]],
    [{ afterSequence: 5 }, []],
    [{ afterSequence: 999 }, []],
    [{ type: 'user_speech', from: at(2), afterSequence: 1, sort: 'sequence', order: 'desc' }, [4]],
  ] as [Query, number[]][])('%j selects %j', async (query, expected) => {
    expect(await sequencesOf(sessionId, query)).toEqual(expected);
    const { pagination } = (await service.client.read(sessionId, { ...query, limit: 2 })).body;
    expect(pagination).toMatchObject({
      total: expected.length,
      totalPages: Math.ceil(expected.length / 2),
      hasMore: expected.length > 2,
    });
  });

  it.each(['asc', 'desc'])('show the same by page and by cursor, %s', async (order) => {
    for (const query of [{}, { sort: 'sequence' }, { type: 'user_speech' }, { from: at(2) }] as Query[]) {
      const all = await sequencesOf(sessionId, { ...query, order });
      const byPage = [];
      for (let page = 1; page <= all.length; page++) {
        byPage.push(...(await sequencesOf(sessionId, { ...query, order, limit: 1, page })));
      }
      expect(byPage).toEqual(all);
    }
  });

  it('select nothing on a page far beyond the end', async () => {
    const query = { type: 'user_speech', page: 1_000_000_000, limit: 100 };

    expect(await sequencesOf(sessionId, query)).toEqual([]);
  });
});
