import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError, expectFirst, expectReplay, ISO_TIME } from '../support/expectations.js';
import { aSession, anEvent, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

describe('POST /sessions', () => {
  it('creates a session and answers 201 with the whole session', async () => {
    const before = Date.now();
    const body = aSession({ metadata: { queue: 'billing', attempt: 2, tags: [] } });

    const answer = await service.client.create(body);

    expectFirst(answer);
    expect(Object.keys(answer.body)).toEqual([
      'sessionId',
      'status',
      'language',
      'startedAt',
      'endedAt',
      'finalSequence',
      'metadata',
    ]);
    expect(answer.body).toEqual({
      ...body,
      status: 'initiated',
      startedAt: expect.stringMatching(ISO_TIME),
      endedAt: null,
      finalSequence: null,
    });
    expect(Date.parse(answer.body.startedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(answer.body.startedAt)).toBeLessThanOrEqual(Date.now());
  });

  it('names the path of the session in Location', async () => {
    const { headers } = await service.client.create(aSession({ sessionId: 'a/b?c#d e%'.replace(' ', '_') }));

    expect(headers.location).toBe('/sessions/a%2Fb%3Fc%23d_e%25');
    const read = await service.client.send({ path: headers.location ?? '' });
    expect(read.body).toMatchObject({ sessionId: 'a/b?c#d_e%' });
  });

  it('creates an active session if requested', async () => {
    const { body } = await service.client.create(aSession({ status: 'active' }));

    expect(body.status).toBe('active');
  });

  it.each(['completed', 'failed'])('refuses the status %p', async (status) => {
    expectError(await service.client.create(aSession({ status })), 'VALIDATION_FAILED', 'status');
  });

  it('distinguishes ids that differ by one byte', async () => {
    const sessionId = newId();
    const ids = [sessionId, sessionId.toUpperCase(), `${sessionId}.`, `.${sessionId}`];

    const answers = await Promise.all(ids.map((id) => service.client.create(aSession({ sessionId: id }))));

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  });
});

describe('POST /sessions again', () => {
  it('answers 200 with the stored session, as a replay', async () => {
    const body = aSession();
    const first = await service.client.create(body);

    const again = await service.client.create(body);

    expectReplay(again);
    expect(again.body).toEqual(first.body);
    expect(again.headers).not.toHaveProperty('location');
  });

  it('answers with the current state of the session', async () => {
    const body = aSession();
    await service.client.create(body);
    await service.client.append(body.sessionId, anEvent());
    const { body: ended } = await service.client.complete(body.sessionId);

    const again = await service.client.create(body);

    expectReplay(again);
    expect(again.body).toEqual(ended);
  });

  it.each([
    ['language', { language: 'de' }],
    ['metadata', { metadata: { queue: 'sales' } }],
    ['status', { status: 'active' }],
  ])('keeps the stored session if the %s differs, and reports it', async (_field, change) => {
    const body = aSession();
    const first = await service.client.create(body);

    const again = await service.client.create({ ...body, ...change });

    expectReplay(again, { mismatch: true });
    expect(again.body).toEqual(first.body);
    expect((await service.client.read(body.sessionId)).body).toMatchObject(first.body);
  });

  it('is refused if it differs and strict handling was asked for', async () => {
    const strict = { Prefer: 'handling=strict' };
    const body = aSession();
    const first = await service.client.create(body, strict);
    const refused = await service.client.create({ ...body, language: 'fr' }, strict);

    expectFirst(first);
    expectError(refused, 'SESSION_CONFLICT');
    for (const { headers } of [first, refused]) {
      expect(headers['preference-applied']).toBe('handling=strict');
    }
    expect((await service.client.create(body)).body).toEqual(first.body);
  });

  it('is compared by its start, as a time, if both came from a client', async () => {
    const body = aSession({ startedAt: '2019-05-06T07:08:07.6549Z' });
    const { body: stored } = await service.client.create(body);
    expect(stored.startedAt).toBe('2019-05-06T07:08:07.654Z');

    expectReplay(await service.client.create({ ...body, startedAt: '2019-05-06T09:08:07.654+02:00' }));
    expectReplay(await service.client.create({ ...body, startedAt: undefined }));
    const differing = await service.client.create({ ...body, startedAt: '2019-05-06T07:08:08Z' });
    expectReplay(differing, { mismatch: true });
    expect(differing.body).toEqual(stored);

    const made = aSession();
    await service.client.create(made);
    expectReplay(await service.client.create({ ...made, startedAt: '2019-05-06T07:08:07Z' }));
  });
});

describe('100 concurrent POST /sessions', () => {
  it('of the same session: one 201, 99 equal replays, one stored document', async () => {
    const body = aSession();

    const answers = await Promise.all(upTo(100).map(() => service.client.create(body)));

    const [first, ...others] = answers.filter(({ status }) => status === 201);
    expect(others).toEqual([]);
    const replays = answers.filter((answer) => answer !== first);
    expect(replays).toHaveLength(99);
    for (const replay of replays) {
      expectReplay(replay);
      expect(replay.body).toEqual(first?.body);
    }
    const { sessionId } = body;
    expect((await service.connection.collection('sessions').find({ sessionId }).toArray()).length).toBe(1);
  });
});
