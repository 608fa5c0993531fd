import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { anEvent, appendAll, createSession, createSessionWith, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let sessionId: string;
beforeAll(async () => {
  service = await startService();
  sessionId = await createSessionWith(service.client, 25);
});
afterAll(() => service.close());

type Query = Record<string, string | number>;

async function cursorFor(query: Query = {}): Promise<string> {
  const { body } = await service.client.read(sessionId, { limit: 10, ...query });
  return body.pagination.nextCursor ?? '';
}

describe('GET /sessions/:sessionId?cursor', () => {
  it('continues where the page before ended, without page numbers', async () => {
    const cursor = await cursorFor();

    const { body } = await service.client.read(sessionId, { cursor, limit: 10 });

    expect(body.events.map(({ sequence }) => sequence)).toEqual(upTo(20).slice(10));
    expect(Object.keys(body.pagination)).toEqual(['limit', 'hasMore', 'nextCursor']);
    expect(body.pagination).toMatchObject({ limit: 10, hasMore: true });
  });

  it('ends with hasMore false and no cursor', async () => {
    const { body } = await service.client.read(sessionId, { cursor: await cursorFor(), limit: 15 });

    expect(body.events).toHaveLength(15);
    expect(body.pagination).toEqual({ limit: 15, hasMore: false, nextCursor: null });
  });

  it('accepts another limit on each page', async () => {
    const { body } = await service.client.read(sessionId, { cursor: await cursorFor(), limit: 3 });

    expect(body.events.map(({ sequence }) => sequence)).toEqual([11, 12, 13]);
  });

  it('also comes with a numbered page', async () => {
    const cursor = await cursorFor({ page: 2 });

    const { body } = await service.client.read(sessionId, { cursor });

    expect(body.events.map(({ sequence }) => sequence)).toEqual([21, 22, 23, 24, 25]);
  });

  it('carries sort, order and filters, which may be repeated but not changed', async () => {
    const query = { sort: 'sequence', order: 'desc', type: 'user_speech', afterSequence: 2 };
    const cursor = await cursorFor(query);

    const carried = await service.client.read(sessionId, { cursor });
    const said = await service.client.read(sessionId, { cursor, ...query });

    expect(carried.body.events.map(({ sequence }) => sequence)).toEqual(upTo(15).slice(2).reverse());
    expect(said.text).toBe(carried.text);
  });

  it('accepts the same time in another form', async () => {
    const cursor = await cursorFor({ from: '2026-01-01T00:00:00Z' });

    const answer = await service.client.read(sessionId, { cursor, from: '2026-01-01T01:00:00.000+01:00' });

    expect(answer.status).toBe(200);
  });

  it.each([
    { sort: 'sequence' },
    { order: 'desc' },
    { type: 'user_speech' },
    { from: '2026-01-01T00:00:00Z' },
    { to: '2999-01-01T00:00:00Z' },
    { afterSequence: 1 },
  ] as Query[])('is refused with %j where it was given out without', async (other) => {
    const answer = await service.client.read(sessionId, { cursor: await cursorFor(), ...other });

    expectError(answer, 'INVALID_CURSOR', 'cursor');
  });

  it('is refused for another session', async () => {
    const other = await createSessionWith(service.client, 1);

    expectError(await service.client.read(other, { cursor: await cursorFor() }), 'INVALID_CURSOR', 'cursor');
  });

  it('of an unknown session is 404, whatever the cursor is', async () => {
    const answer = await service.client.read('nobody', { limit: 5 });

    expectError(answer, 'SESSION_NOT_FOUND');
  });

  it('still works after the last page, and shows newer events', async () => {
    const own = await createSession(service.client);
    const at = (n: number) => ({ timestamp: `2026-03-01T12:00:0${n}Z` });
    await appendAll(service.client, own, [anEvent(at(1)), anEvent(at(2))]);
    const { body } = await service.client.read(own, { limit: 1 });
    const cursor = body.pagination.nextCursor ?? '';
    await appendAll(service.client, own, [anEvent(at(3)), anEvent(at(0))]);

    const rest = await service.client.read(own, { cursor });

    expect(rest.body.events.map(({ sequence }) => sequence)).toEqual([2, 3]);
  });
});

describe('a cursor that is not one', () => {
  it('is refused if any one character of it was changed', async () => {
    const cursor = await cursorFor({ type: 'user_speech' });

    const refused = upTo(cursor.length).map(async (position) => {
      const character = cursor[position - 1] === 'A' ? 'B' : 'A';
      const altered = cursor.slice(0, position - 1) + character + cursor.slice(position);
      expectError(await service.client.read(sessionId, { cursor: altered }), 'INVALID_CURSOR', 'cursor');
    });

    await Promise.all(refused);
  });

  it('is refused with a character dropped, doubled or added anywhere', async () => {
    const cursor = await cursorFor();
    const ends = [
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}=`,
      `${cursor} `,
      ` ${cursor}`,
    ];
    const inside = upTo(cursor.length - 1).map((at) => cursor.slice(0, at) + '!' + cursor.slice(at));

    await Promise.all(
      [...ends, ...inside].map(async (altered) => {
        expectError(await service.client.read(sessionId, { cursor: altered }), 'INVALID_CURSOR', 'cursor');
      }),
    );
  });

  it.each(['', 'x', '0', 'null', '[]', '{"$gt":""}', '🙂', 'A'.repeat(5000), '\0'])(
    'is refused: %p',
    async (cursor) => {
      expectError(await service.client.read(sessionId, { cursor }), 'INVALID_CURSOR', 'cursor');
    },
  );

  // The checksum protects against mistakes and is not secret: a forged cursor must cause no more than a 400.
  it.each([
    ['is no JSON', () => 'nonsense'],
    ['is no list', () => '{}'],
    ['is an empty list', () => '[]'],
    ['has no selection', (id: string) => JSON.stringify([`events of ${id}`, null, [0, 1]])],
    ['has no place', (id: string) => JSON.stringify([`events of ${id}`, SELECTION])],
    ['has an operator for a sequence', (id: string) => forged(id, [0, { $ne: 0 }])],
    ['has an operator for a timestamp', (id: string) => forged(id, [{ $gt: '' }, 1])],
    ['has a timestamp out of range', (id: string) => forged(id, [1e300, 1])],
    ['has null for a sequence', (id: string) => forged(id, [0, null])],
    ['has a negative sequence', (id: string) => forged(id, [0, -5])],
    ['has another sort', (id: string) => forged(id, [0, 1], { sort: 'payload' })],
    ['has another field', (id: string) => forged(id, [0, 1], { limit: 5 })],
    ['has a filter out of range', (id: string) => forged(id, [0, 1], { from: 1e300 })],
    ['has text for a time', (id: string) => forged(id, [0, 1], { to: '2026-01-01' })],
    ['has an operator for a filter', (id: string) => forged(id, [0, 1], { type: { $ne: 1 } })],
    ['has an unknown type', (id: string) => forged(id, [0, 1], { type: 'shout' })],
  ])('is refused if it is forged and %s', async (_what, content) => {
    const cursor = withChecksum(content(sessionId));

    expectError(await service.client.read(sessionId, { cursor }), 'INVALID_CURSOR', 'cursor');
  });

  it('differs from a real one only in its content, in the cases above', async () => {
    const cursor = withChecksum(forged(sessionId, [0, 1]));

    expect((await service.client.read(sessionId, { cursor })).status).toBe(200);
    expectError(await service.client.listEvents(sessionId, { cursor }), 'INVALID_CURSOR', 'cursor');
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
