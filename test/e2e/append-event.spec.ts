import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectFirst, expectReplay, ISO_TIME } from '../support/expectations.js';
import { anEvent, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
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

  it('gives the events of a session the sequences 1, 2, 3', async () => {
    const sessionId = await createSession(service.client);

    const sequences = [];
    for (const type of ['user_speech', 'bot_speech', 'system']) {
      sequences.push((await service.client.append(sessionId, anEvent({ type }))).body.sequence);
    }

    expect(sequences).toEqual([1, 2, 3]);
  });

  it('uses the server’s clock if the client sends no timestamp', async () => {
    const sessionId = await createSession(service.client);

    const { body } = await service.client.append(sessionId, anEvent());

    expect(body.timestamp).toBe(body.receivedAt);
  });

  it('keeps the time of a timestamp, in UTC and to the millisecond', async () => {
    const sessionId = await createSession(service.client);

    const { body } = await service.client.append(
      sessionId,
      anEvent({ timestamp: '2026-03-01T01:30:00.1239+02:00' }),
    );

    expect(body.timestamp).toBe('2026-02-28T23:30:00.123Z');
  });

  it('makes the session active with its first event', async () => {
    const sessionId = await createSession(service.client);

    await service.client.append(sessionId, anEvent());

    expect((await service.client.read(sessionId)).body.status).toBe('active');
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

  it.each(['constructor', 'valueOf', 'toString', 'hasOwnProperty', 'toJSON', 'toBSON', 'length', '$type'])(
    'compares a payload with a key "%s" like any other',
    async (key) => {
      const sessionId = await createSession(service.client);
      const event = anEvent({ payload: { [key]: { [key]: 'x' }, list: [{ [key]: 1 }] } });
      await service.client.append(sessionId, event);

      expectReplay(await service.client.append(sessionId, event));
      const changed = { ...event, payload: { [key]: { [key]: 'y' }, list: [{ [key]: 1 }] } };
      expectReplay(await service.client.append(sessionId, changed), { mismatch: true });
    },
  );
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

  it('of 20 events, each five times: 20 × 201, sequences exactly 1 to 20', async () => {
    const sessionId = await createSession(service.client);
    const events = upTo(20).map(() => anEvent());

    const answers = await Promise.all(
      upTo(5).flatMap(() => events.map((event) => service.client.append(sessionId, event))),
    );

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(80);
    expect((await logOf(sessionId)).map(({ sequence }) => sequence)).toEqual(upTo(20));
  });

  it('of different sessions: each gets sequence 1', async () => {
    const sessions = await Promise.all(upTo(100).map(() => createSession(service.client)));

    const answers = await Promise.all(
      sessions.map((sessionId) => service.client.append(sessionId, anEvent({ eventId: newId() }))),
    );

    expect(new Set(answers.map(({ status, body }) => `${status} ${body.sequence}`))).toEqual(
      new Set(['201 1']),
    );
  });
});
