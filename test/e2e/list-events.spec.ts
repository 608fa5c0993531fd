import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { anEvent, appendAll, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

describe('GET /sessions/:sessionId/events', () => {
  it('answers the log with the fields that tell whether more events may come', async () => {
    const sessionId = await createSession(service.client);
    const events = await appendAll(service.client, sessionId, [
      anEvent({ timestamp: '2026-03-01T12:00:05Z' }),
      anEvent({ timestamp: '2026-03-01T12:00:00Z' }),
    ]);

    const { status, headers, body } = await service.client.listEvents(sessionId);

    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(Object.keys(body)).toEqual([
      'sessionId',
      'status',
      'endedAt',
      'finalSequence',
      'events',
      'pagination',
    ]);
    expect(body).toEqual({
      sessionId,
      status: 'active',
      endedAt: null,
      finalSequence: null,
      events: events.map((event) => ({ ...event, late: false })),
      pagination: { limit: 20, hasMore: false, nextCursor: null },
    });
  });

  it('shows the end, and which events were late', async () => {
    const sessionId = await createSessionWith(service.client, 1);
    const { body: ended } = await service.client.complete(sessionId, { status: 'failed' });
    await appendAll(service.client, sessionId, [anEvent()]);

    const { body } = await service.client.listEvents(sessionId);

    expect(body).toMatchObject({ status: 'failed', endedAt: ended.endedAt, finalSequence: 1 });
    expect(body.events.map(({ late }) => late)).toEqual([false, true]);
  });

  it('accepts only its own cursors', async () => {
    const sessionId = await createSessionWith(service.client, 5);
    const { body } = await service.client.listEvents(sessionId, { limit: 2, afterSequence: 1 });
    const cursor = body.pagination.nextCursor ?? '';
    const { body: read } = await service.client.read(sessionId, { limit: 2, sort: 'sequence' });
    const foreign = read.pagination.nextCursor ?? '';

    expectError(await service.client.listEvents(sessionId, { cursor: foreign }), 'INVALID_CURSOR', 'cursor');
    expectError(await service.client.read(sessionId, { cursor }), 'INVALID_CURSOR', 'cursor');
    expectError(await service.client.listEvents(sessionId, { cursor, afterSequence: 2 }), 'INVALID_CURSOR');
    const next = await service.client.listEvents(sessionId, { cursor, afterSequence: 1 });
    expect(next.body.events.map(({ sequence }) => sequence)).toEqual([4, 5]);
  });

  it.each([
    'limit=0',
    'limit=101',
    'wait=0',
    'type=shout',
    'page=1',
    'sort=sequence',
    'from=2026-03-01T12:00:00Z',
  ])('refuses ?%s', async (query) => {
    const sessionId = await createSession(service.client);
    const answer = await service.client.send({ path: `/sessions/${sessionId}/events?${query}` });
    expectError(answer, 'VALIDATION_FAILED', query.split('=')[0]);
  });

  it('answers 404 for an unknown session, waiting or not', async () => {
    expectError(await service.client.listEvents(newId()), 'SESSION_NOT_FOUND');
    expectError(await service.client.listEvents(newId(), { wait: 5 }), 'SESSION_NOT_FOUND');
  });
});

describe('GET /sessions/:sessionId/events?wait', () => {
  it('reads once for all that wait at one position', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const reads = async () => {
      const { text } = await service.client.send({ path: '/metrics' });
      return Number(/_count\{collection="events",operation="findPage",[^}]*\} (\d+)/.exec(text)?.[1]);
    };
    const waiting = upTo(50).map(() => service.client.listEvents(sessionId, { afterSequence: 2, wait: 30 }));
    await untilFollowed(50);
    const before = await reads();
    await service.client.append(sessionId, anEvent());

    for (const { body } of await Promise.all(waiting)) expect(body.events).toHaveLength(1);
    expect((await reads()) - before).toBe(1);
  });

  it('answers with the next event as soon as it is stored', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const waiting = service.client.listEvents(sessionId, { afterSequence: 2, wait: 30 });
    await untilFollowed(1);
    const { body: event } = await service.client.append(sessionId, anEvent());

    expect((await waiting).body.events).toEqual([{ ...event, late: false }]);
  });

  it('keeps waiting for an event that passes the filter', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const waiting = service.client.listEvents(sessionId, { type: 'system', wait: 30 });
    await untilFollowed(1);
    await appendAll(service.client, sessionId, [anEvent(), anEvent(), anEvent({ type: 'system' })]);

    expect((await waiting).body.events.map(({ sequence }) => sequence)).toEqual([5]);
  });

  it('answers at the end, or at once if the session has ended', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const waiting = service.client.listEvents(sessionId, { afterSequence: 2, wait: 30 });
    await untilFollowed(1);
    const { body: ended } = await service.client.complete(sessionId);

    const again = await service.client.listEvents(sessionId, { afterSequence: 2, wait: 30 });
    for (const { body } of [await waiting, again]) {
      expect(body).toMatchObject({ status: 'completed', endedAt: ended.endedAt, events: [] });
    }
  });

  it('answers without events after the time', async () => {
    const sessionId = await createSession(service.client);
    const start = performance.now();
    const { status, body } = await service.client.listEvents(sessionId, { wait: 1 });

    expect(performance.now() - start).toBeGreaterThanOrEqual(990);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'initiated', events: [], pagination: { hasMore: false } });
  });
});

describe('GET /sessions/:sessionId/events/:eventId', () => {
  it('answers the event, late or not', async () => {
    const sessionId = await createSession(service.client);
    const [first] = await appendAll(service.client, sessionId, [anEvent()]);
    await service.client.complete(sessionId);
    const [late] = await appendAll(service.client, sessionId, [anEvent()]);

    const read = (id = '') => service.client.send({ path: `/sessions/${sessionId}/events/${id}` });
    expect((await read(first?.eventId)).body).toEqual({ ...first, late: false });
    expect((await read(late?.eventId)).body).toEqual({ ...late, late: true });
  });

  it('distinguishes an unknown event from an unknown session', async () => {
    const sessionId = await createSession(service.client);
    expectError(await service.client.send({ path: `/sessions/${sessionId}/events/none` }), 'EVENT_NOT_FOUND');
    expectError(await service.client.send({ path: `/sessions/none/events/none` }), 'SESSION_NOT_FOUND');
    expectError(
      await service.client.send({ path: `/sessions/${sessionId}/events/a%20b` }),
      'VALIDATION_FAILED',
      'eventId',
    );
  });

  it('opens the stream at /events/stream, even if an event has that id', async () => {
    const sessionId = await createSession(service.client);
    await appendAll(service.client, sessionId, [anEvent({ eventId: 'stream' })]);
    await service.client.complete(sessionId);

    const { headers } = await service.client.send({ path: `/sessions/${sessionId}/events/stream` });
    expect(headers['content-type']).toBe('text/event-stream');
    expect((await service.client.listEvents(sessionId)).body.events).toMatchObject([{ eventId: 'stream' }]);
  });
});

/** Waits until this many requests wait or stream. */
async function untilFollowed(count: number): Promise<void> {
  while ((await service.client.metric('conversation_followers')) !== count);
}
