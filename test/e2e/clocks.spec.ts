import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expectError, expectFirst, expectReplay } from '../support/expectations.js';
import { aSession, anEvent, createSession, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const HOUR_MS = 3_600_000;
const fromNow = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('startedAt', () => {
  it('is the client’s, to the millisecond and in UTC', async () => {
    const answer = await service.client.create(aSession({ startedAt: '2019-05-06T09:08:07.6549+02:00' }));

    expectFirst(answer);
    expect(answer.body.startedAt).toBe('2019-05-06T07:08:07.654Z');
    expect((await service.client.read(answer.body.sessionId)).body.startedAt).toBe(answer.body.startedAt);
  });

  it.each(['2019-05-06', '2019-05-06T07:08:07', '2019-02-30T00:00:00Z', 1557126487000, null, {}, ''])(
    'is refused where it is %j, and nothing is stored',
    async (startedAt) => {
      const body = aSession({ startedAt });

      expectError(await service.client.create(body), 'VALIDATION_FAILED', 'startedAt');
      expectError(await service.client.read(body.sessionId), 'SESSION_NOT_FOUND');
    },
  );

  it('of a repeated creation is compared, as a time, if both came from a client', async () => {
    const body = aSession({ startedAt: '2019-05-06T07:08:07Z' });
    const { body: stored } = await service.client.create(body);

    expectReplay(await service.client.create({ ...body, startedAt: '2019-05-06T09:08:07.000+02:00' }));
    expectReplay(await service.client.create({ ...body, startedAt: undefined }));
    const other = { ...body, startedAt: '2019-05-06T07:08:08Z' };
    const differing = await service.client.create(other);
    expectReplay(differing, { mismatch: true });
    expect(differing.body).toEqual(stored);
    expectError(await service.client.create(other, { Prefer: 'handling=strict' }), 'SESSION_CONFLICT');
  });

  it('is not compared with what the server filled in', async () => {
    const body = aSession();
    await service.client.create(body);

    expectReplay(await service.client.create({ ...body, startedAt: '2019-05-06T07:08:07Z' }));
  });

  it('of 100 different concurrent creations: one wins, the others get a mismatch', async () => {
    const sessionId = newId();
    const answers = await Promise.all(
      upTo(100).map((n) =>
        service.client.create(aSession({ sessionId, startedAt: new Date(n * 1000).toISOString() })),
      ),
    );

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ headers }) => headers['idempotent-mismatch'] === 'true')).toHaveLength(99);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });
});

describe('endedAt', () => {
  const startedAt = '2019-05-06T07:08:07.000Z';

  it('is the client’s', async () => {
    const sessionId = await createSession(service.client, { startedAt });
    await service.client.append(sessionId, anEvent());

    const answer = await service.client.complete(sessionId, { endedAt: '2019-05-06T09:10:11.5+02:00' });

    expectFirst(answer, 200);
    expect(answer.body).toMatchObject({ startedAt, endedAt: '2019-05-06T07:10:11.500Z', finalSequence: 1 });
    expect((await service.client.read(sessionId)).body).toMatchObject(answer.body);
  });

  it('may equal the start', async () => {
    const sessionId = await createSession(service.client, { startedAt });

    expectFirst(await service.client.complete(sessionId, { endedAt: startedAt }), 200);
  });

  it('before the start is refused, before the end and after it, and changes nothing', async () => {
    const sessionId = await createSession(service.client, { startedAt });
    const early = { endedAt: '2019-05-06T07:08:06.999Z' };

    expectError(await service.client.complete(sessionId, early), 'VALIDATION_FAILED', 'endedAt');
    expect((await service.client.read(sessionId)).body).toMatchObject({ status: 'initiated', endedAt: null });
    const { body: ended } = await service.client.complete(sessionId);
    expectError(await service.client.complete(sessionId, early), 'VALIDATION_FAILED', 'endedAt');
    expect((await service.client.read(sessionId)).body).toMatchObject(ended);
  });

  it.each(['yesterday', '2019-05-06', 0, null, ['2019-05-06T07:08:07Z']])(
    'is refused where it is %j, and nothing ends',
    async (endedAt) => {
      const sessionId = await createSession(service.client);

      expectError(await service.client.complete(sessionId, { endedAt }), 'VALIDATION_FAILED', 'endedAt');
      expect((await service.client.read(sessionId)).body.endedAt).toBeNull();
    },
  );

  it('of an unknown session is 404', async () => {
    expectError(await service.client.complete('nobody', { endedAt: startedAt }), 'SESSION_NOT_FOUND');
  });

  it('is now if nobody sent it, or the start if that is later', async () => {
    const past = await createSession(service.client, { startedAt });
    const future = fromNow(HOUR_MS);
    const ahead = await createSession(service.client, { startedAt: future });
    const before = Date.now();

    const [endOfPast, endOfAhead] = await Promise.all([past, ahead].map((id) => service.client.complete(id)));

    expect(Date.parse(endOfPast?.body.endedAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(endOfAhead).toMatchObject({ status: 200, body: { startedAt: future, endedAt: future } });
    expectReplay(await service.client.complete(ahead));
  });

  it('of a replay is compared if both came from a client', async () => {
    const [given, made] = await Promise.all(upTo(2).map(() => createSession(service.client, { startedAt })));
    const first = await service.client.complete(given ?? '', { endedAt: '2019-05-06T08:00:00Z' });
    await service.client.complete(made ?? '');

    expectReplay(await service.client.complete(given ?? '', { endedAt: '2019-05-06T10:00:00+02:00' }));
    expectReplay(await service.client.complete(given ?? ''));
    expectReplay(await service.client.complete(made ?? '', { endedAt: '2019-05-06T08:00:00Z' }));
    const other = await service.client.complete(given ?? '', { endedAt: '2019-05-06T08:00:00.001Z' });
    expectReplay(other, { mismatch: true });
    expect(other.body).toEqual(first.body);
  });

  it('of 100 different concurrent completions, in the past and the future: one wins, all get the same end', async () => {
    for (const start of [startedAt, fromNow(HOUR_MS)]) {
      const sessionId = await createSession(service.client, { startedAt: start });
      const ends = upTo(100).map((n) =>
        n % 4 === 0 ? {} : { endedAt: new Date(Date.parse(start) + n).toISOString() },
      );

      const answers = await Promise.all(ends.map((end) => service.client.complete(sessionId, end)));

      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(answers.filter(({ headers }) => !('idempotent-replayed' in headers))).toHaveLength(1);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      const end = answers[0]?.body.endedAt ?? '';
      const given = ends.map(({ endedAt }) => endedAt);
      answers.forEach(({ headers }, index) => {
        const differs = given.includes(end) && given[index] !== undefined && given[index] !== end;
        expect(headers['idempotent-mismatch']).toBe(differs ? 'true' : undefined);
      });
    }
  });

  it('is never before startedAt, whatever clients send', async () => {
    const moment = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    const sent = fc.option(moment, { nil: undefined });
    await fc.assert(
      fc.asyncProperty(sent, sent, async (start, end) => {
        const sessionId = await createSession(service.client, { startedAt: start?.toISOString() });

        const { status } = await service.client.complete(sessionId, { endedAt: end?.toISOString() });

        const stored = (await service.client.read(sessionId)).body;
        const refused = end !== undefined && end < new Date(stored.startedAt);
        expect(status).toBe(refused ? 400 : 200);
        expect(stored.endedAt === null).toBe(refused);
        expect(Date.parse(stored.endedAt ?? stored.startedAt)).toBeGreaterThanOrEqual(
          Date.parse(stored.startedAt),
        );
      }),
    );
  });
});
