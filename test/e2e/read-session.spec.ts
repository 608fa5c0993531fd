import { createHash } from 'node:crypto';
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
    [{ page: 3 }, upTo(45).slice(40), { page: 3, limit: 20, totalPages: 3, hasMore: false }],
    [{ page: 4 }, [], { page: 4, limit: 20, totalPages: 3, hasMore: false }],
    [
      { page: 1_000_000_000, limit: 100 },
      [],
      { page: 1_000_000_000, limit: 100, totalPages: 1, hasMore: false },
    ],
  ])('%j shows its part of the log', async (query, sequences, pagination) => {
    for (const sort of ['timestamp', 'sequence']) {
      const { body } = await service.client.read(sessionId, { ...query, sort });

      expect(body.events.map(({ sequence }) => sequence)).toEqual(sequences);
      expect(body.pagination).toMatchObject({ total: 45, ...pagination });
      expect(body.pagination.nextCursor !== null).toBe(pagination.hasMore);
    }
  });

  it.each([
    ['limit', '101'],
    ['limit', ''],
    ['page', '0'],
    ['sort', 'receivedAt'],
    ['order', 'DESC'],
    ['afterSequence', '-1'],
    ['offset', '5'],
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
});

/** A session of 25 events. */
let walked: string;
beforeAll(async () => {
  walked = await createSessionWith(service.client, 25);
});

async function cursorFor(query: Query = {}): Promise<string> {
  const { body } = await service.client.read(walked, { limit: 10, ...query });
  return body.pagination.nextCursor ?? '';
}

describe('GET /sessions/:sessionId?cursor', () => {
  it('continues where the page before ended, without page numbers', async () => {
    const cursor = await cursorFor();

    const { body } = await service.client.read(walked, { cursor, limit: 10 });

    expect(body.events.map(({ sequence }) => sequence)).toEqual(upTo(20).slice(10));
    expect(Object.keys(body.pagination)).toEqual(['limit', 'hasMore', 'nextCursor']);
    expect(body.pagination).toMatchObject({ limit: 10, hasMore: true });
  });

  it('carries sort, order and filters, which may be repeated but not changed', async () => {
    const query = { sort: 'sequence', order: 'desc', type: 'user_speech', afterSequence: 2 };
    const cursor = await cursorFor(query);

    const carried = await service.client.read(walked, { cursor });
    const said = await service.client.read(walked, { cursor, ...query });

    expect(carried.body.events.map(({ sequence }) => sequence)).toEqual(upTo(15).slice(2).reverse());
    expect(said.text).toBe(carried.text);
  });

  it.each([
    { sort: 'sequence' },
    { order: 'desc' },
    { type: 'user_speech' },
    { from: '2026-01-01T00:00:00Z' },
    { to: '2999-01-01T00:00:00Z' },
    { afterSequence: 1 },
  ] as Query[])('is refused with %j where it was given out without', async (other) => {
    const answer = await service.client.read(walked, { cursor: await cursorFor(), ...other });

    expectError(answer, 'INVALID_CURSOR', 'cursor');
  });
});

describe('a cursor that is not one', () => {
  it('is refused if any one character of it was changed', async () => {
    const cursor = await cursorFor({ type: 'user_speech' });

    const refused = upTo(cursor.length).map(async (position) => {
      const character = cursor[position - 1] === 'A' ? 'B' : 'A';
      const altered = cursor.slice(0, position - 1) + character + cursor.slice(position);
      expectError(await service.client.read(walked, { cursor: altered }), 'INVALID_CURSOR', 'cursor');
    });

    await Promise.all(refused);
  });

  it.each(['', '[]', '🙂', 'A'.repeat(5000), '\0'])('is refused: %p', async (cursor) => {
    expectError(await service.client.read(walked, { cursor }), 'INVALID_CURSOR', 'cursor');
  });

  // The checksum protects against mistakes and is not secret: a forged cursor must cause no more than a 400.
  it.each([
    ['is no JSON', () => 'nonsense'],
    ['has an operator for a sequence', (id: string) => forged(id, [0, { $ne: 0 }])],
    ['has an operator for a filter', (id: string) => forged(id, [0, 1], { type: { $ne: 1 } })],
  ])('is refused if it is forged and %s', async (_what, content) => {
    const cursor = withChecksum(content(walked));

    expectError(await service.client.read(walked, { cursor }), 'INVALID_CURSOR', 'cursor');
  });

  it('differs from a real one only in its content, in the cases above', async () => {
    const cursor = withChecksum(forged(walked, [0, 1]));

    expect((await service.client.read(walked, { cursor })).status).toBe(200);
    expectError(await service.client.listEvents(walked, { cursor }), 'INVALID_CURSOR', 'cursor');
  });
});

const SELECTION = { sort: 'timestamp', order: 'asc' };

function forged(id: string, place: unknown[], filter: object = {}): string {
  return JSON.stringify([`events of ${id}`, { ...SELECTION, ...filter }, place]);
}

function withChecksum(content: string): string {
  const checksum = createHash('sha256').update(content).digest().subarray(0, 6);
  return Buffer.concat([checksum, Buffer.from(content)]).toString('base64url');
}
