import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError, expectFirst, expectReplay, ISO_TIME } from '../support/expectations.js';
import { anEvent, createSession, createSessionWith, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Every event of a session in the order of its log, with one read. */
async function logOf(sessionId: string) {
  const { body } = await service.client.read(sessionId, { sort: 'sequence', limit: 100 });
  return body.events;
}

describe('POST /sessions/:sessionId/events', () => {
  it('stores an event and answers 201 with the whole event', async () => {
    const sessionId = await createSession(service.client);
    const event = anEvent({ timestamp: '2026-03-01T12:00:01.250Z' });
    const before = Date.now();

    const answer = await service.client.append(sessionId, event);

    expectFirst(answer);
    expect(Object.keys(answer.body)).toEqual([
      'eventId',
      'sessionId',
      'sequence',
      'type',
      'payload',
      'timestamp',
      'receivedAt',
    ]);
    expect(answer.body).toEqual({
      ...event,
      sessionId,
      sequence: 1,
      receivedAt: expect.stringMatching(ISO_TIME),
    });
    expect(Date.parse(answer.body.receivedAt)).toBeGreaterThanOrEqual(before);
  });

  it('uses the server’s clock if the client sends no timestamp', async () => {
    const sessionId = await createSession(service.client);

    const { body } = await service.client.append(sessionId, anEvent());

    expect(body.timestamp).toBe(body.receivedAt);
  });

  it('accepts the same eventId in another session', async () => {
    const event = anEvent();
    const sessions = await Promise.all([createSession(service.client), createSession(service.client)]);

    const answers = await Promise.all(sessions.map((sessionId) => service.client.append(sessionId, event)));

    expect(answers.map(({ status, body }) => [status, body.sequence])).toEqual([
      [201, 1],
      [201, 1],
    ]);
  });

  it('stores an event after the end of the session, and leaves the end unchanged', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const { body: ended } = await service.client.complete(sessionId);

    const answer = await service.client.append(sessionId, anEvent());

    expectFirst(answer);
    expect(answer.body.sequence).toBe(3);
    expect(answer.body).not.toHaveProperty('late');
    const { body: read } = await service.client.read(sessionId);
    expect(read).toMatchObject(ended);
    expect(read.events.map(({ late }) => late)).toEqual([false, false, true]);
  });
});

describe('POST /sessions/:sessionId/events again', () => {
  it('answers 200 with the stored event, as a replay', async () => {
    const sessionId = await createSession(service.client);
    const event = anEvent({ timestamp: '2026-03-01T12:00:00Z' });
    const first = await service.client.append(sessionId, event);
    await service.client.append(sessionId, anEvent());

    const again = await service.client.append(sessionId, event);

    expectReplay(again);
    expect(again.body).toEqual(first.body);
    expect(await logOf(sessionId)).toHaveLength(2);
  });

  it('does not compare what the server filled in, the order of keys, or how a time is written', async () => {
    const sessionId = await createSession(service.client);
    const undated = anEvent({ payload: { a: 1, b: [{ c: 2, d: 3 }] } });
    const dated = anEvent({ timestamp: '2026-03-01T12:00:00.000Z' });
    await service.client.append(sessionId, undated);
    await service.client.append(sessionId, dated);

    expectReplay(await service.client.append(sessionId, undated));
    expectReplay(
      await service.client.append(sessionId, { ...undated, payload: { b: [{ d: 3, c: 2 }], a: 1 } }),
    );
    expectReplay(await service.client.append(sessionId, { ...undated, timestamp: '2020-01-01T00:00:00Z' }));
    expectReplay(
      await service.client.append(sessionId, { ...dated, timestamp: '2026-03-01T13:00:00.0001+01:00' }),
    );
    expectReplay(await service.client.append(sessionId, { ...dated, timestamp: undefined }));
  });

  it.each([
    ['type', { type: 'system' }],
    ['payload', { payload: { text: 'Hullo' } }],
    ['order of an array', { payload: { list: [2, 1] } }],
    ['timestamp', { timestamp: '2026-03-01T12:00:00.001Z' }],
  ])('keeps the stored event if the %s differs, and reports it', async (_what, change) => {
    const sessionId = await createSession(service.client);
    const event = anEvent({ payload: { list: [1, 2] }, timestamp: '2026-03-01T12:00:00Z' });
    const first = await service.client.append(sessionId, event);

    const again = await service.client.append(sessionId, { ...event, ...change });

    expectReplay(again, { mismatch: true });
    expect(again.body).toEqual(first.body);
    expect(await logOf(sessionId)).toEqual([{ ...first.body, late: false }]);
  });

  it('is refused if it differs and strict handling was asked for: in a header of its own, too', async () => {
    const sessionId = await createSession(service.client);
    const event = anEvent();
    const other = { ...event, type: 'system' };
    const strict = { Prefer: ['respond-async', 'handling=strict'] };
    const first = await service.client.append(sessionId, event, strict);
    const replay = await service.client.append(sessionId, event, strict);
    const refused = await service.client.append(sessionId, other, strict);

    expectFirst(first);
    expectReplay(replay);
    expectError(refused, 'EVENT_CONFLICT');
    expect(refused.headers).not.toHaveProperty('idempotent-replayed');
    for (const { headers } of [first, replay, refused]) {
      expect(headers['preference-applied']).toBe('handling=strict');
    }
    const lenient = await service.client.append(sessionId, other, { Prefer: 'handling=lenient' });
    expectReplay(lenient, { mismatch: true });
    expect(lenient.headers).not.toHaveProperty('preference-applied');
    expect(lenient.body).toEqual(first.body);
  });
});

describe('100 concurrent POST /sessions/:sessionId/events', () => {
  it('of the same event: one 201, 99 equal replays, one stored document', async () => {
    const sessionId = await createSession(service.client);
    const event = anEvent();

    const answers = await Promise.all(upTo(100).map(() => service.client.append(sessionId, event)));

    const [first, ...others] = answers.filter(({ status }) => status === 201);
    expect(others).toEqual([]);
    for (const replay of answers.filter((answer) => answer !== first)) {
      expectReplay(replay);
      expect(replay.body).toEqual(first?.body);
    }
    expect((await service.connection.collection('events').find({ sessionId }).toArray()).length).toBe(1);
  });

  it('of different events of one session: 100 × 201, sequences exactly 1 to 100', async () => {
    const sessionId = await createSession(service.client);

    const answers = await Promise.all(upTo(100).map(() => service.client.append(sessionId, anEvent())));

    expect(answers.map(({ status }) => status)).toEqual(upTo(100).map(() => 201));
    const sequences = answers.map(({ body }) => body.sequence).sort((a, b) => a - b);
    expect(sequences).toEqual(upTo(100));
    const stored = new Map((await logOf(sessionId)).map((event) => [event.eventId, event]));
    for (const { body } of answers) expect(stored.get(body.eventId)).toEqual({ ...body, late: false });
  });
});
