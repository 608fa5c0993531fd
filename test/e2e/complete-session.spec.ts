import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { expectError, expectFirst, expectReplay, ISO_TIME } from '../support/expectations.js';
import { openRaw, type Answer } from '../support/http.js';
import { type SessionBody } from '../support/representations.js';
import { anEvent, createSession, createSessionWith, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

describe('POST /sessions/:sessionId/complete', () => {
  it('ends the session at the current end of its log', async () => {
    const sessionId = await createSessionWith(service.client, 3);
    const before = Date.now();

    const answer = await service.client.complete(sessionId);

    expectFirst(answer, 200);
    expect(answer.body).toMatchObject({ sessionId, status: 'completed', finalSequence: 3 });
    expect(answer.body.endedAt).toMatch(ISO_TIME);
    expect(Date.parse(answer.body.endedAt ?? '')).toBeGreaterThanOrEqual(before);
    expect((await service.client.read(sessionId)).body).toMatchObject(answer.body);
  });

  it('ends a session without events at 0, and as failed if requested', async () => {
    const answer = await service.client.complete(await createSession(service.client), { status: 'failed' });

    expectFirst(answer, 200);
    expect(answer.body).toMatchObject({ status: 'failed', finalSequence: 0 });
  });

  it.each([
    ['{}', '{}', { 'Content-Type': 'application/json' }],
    ['an empty body', '', { 'Content-Type': 'application/json' }],
    ['an empty body without a type', '', {}],
    ['an empty body of another type', '', { 'Content-Type': 'text/plain' }],
  ])('takes %s', async (_what, body, headers) => {
    const sessionId = await createSession(service.client);

    const answer = await service.client.send({
      method: 'POST',
      path: `${pathOf(sessionId)}/complete`,
      headers,
      body,
    });

    expectFirst(answer, 200);
  });

  it('accepts a request without a body', async () => {
    const sessionId = await createSession(service.client);
    const connection = await openRaw(service.client.origin);

    connection.write(
      `POST ${pathOf(sessionId)}/complete HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );

    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*"status":"completed"/);
  });

  it.each(['active', 'initiated'])('refuses the status %s, and ends nothing', async (status) => {
    const sessionId = await createSession(service.client);

    expectError(await service.client.complete(sessionId, { status }), 'VALIDATION_FAILED', 'status');
    expect((await service.client.read(sessionId)).body).toMatchObject({ status: 'initiated', endedAt: null });
  });
});

describe('POST /sessions/:sessionId/complete again', () => {
  it('answers how the session ended, whether or not there were late events', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const first = await service.client.complete(sessionId, { status: 'failed' });
    await service.client.append(sessionId, anEvent());

    const again = await service.client.complete(sessionId);

    expectReplay(again);
    expect(again.body).toEqual(first.body);
  });

  it('reports a mismatch if it names another status, and changes nothing', async () => {
    const sessionId = await createSession(service.client);
    const first = await service.client.complete(sessionId);

    const again = await service.client.complete(sessionId, { status: 'failed' });

    expectReplay(again, { mismatch: true });
    expect(again.body).toEqual(first.body);
  });

  it('is compared by its endedAt, as a time, if both came from a client', async () => {
    const startedAt = '2019-05-06T07:08:07.000Z';
    const [given = '', made = ''] = await Promise.all(
      upTo(2).map(() => createSession(service.client, { startedAt })),
    );
    const first = await service.client.complete(given, { endedAt: '2019-05-06T08:00:00Z' });
    await service.client.complete(made);

    expectReplay(await service.client.complete(given, { endedAt: '2019-05-06T10:00:00+02:00' }));
    expectReplay(await service.client.complete(given));
    expectReplay(await service.client.complete(made, { endedAt: '2019-05-06T08:00:00Z' }));
    const other = await service.client.complete(given, { endedAt: '2019-05-06T08:00:00.001Z' });
    expectReplay(other, { mismatch: true });
    expect(other.body).toEqual(first.body);
  });
});

describe('endedAt', () => {
  const startedAt = '2019-05-06T07:08:07.000Z';

  it('before a client’s start is refused, before the end and after it, and changes nothing', async () => {
    const sessionId = await createSession(service.client, { startedAt });
    const early = { endedAt: '2019-05-06T07:08:06.999Z' };

    expectError(await service.client.complete(sessionId, early), 'VALIDATION_FAILED', 'endedAt');
    expect((await service.client.read(sessionId)).body).toMatchObject({ status: 'initiated', endedAt: null });
    const { body: ended } = await service.client.complete(sessionId);
    expectError(await service.client.complete(sessionId, early), 'VALIDATION_FAILED', 'endedAt');
    expect((await service.client.read(sessionId)).body).toMatchObject(ended);
  });

  it.each([
    ['2019-05-06T07:08:07.000Z', '2019-05-06T08:00:00.000Z', '2019-05-06T08:00:00.000Z'],
    [undefined, '2019-05-06T08:00:00.000Z', 'the start'],
    ['2999-01-01T00:00:00.000Z', undefined, 'the start'],
  ])('after a start at %s and sent as %s is %s', async (start, sent, expected) => {
    const sessionId = await createSession(service.client, { startedAt: start });

    const { status } = await service.client.complete(sessionId, { endedAt: sent });

    const { startedAt: started, endedAt } = (await service.client.read(sessionId)).body;
    expect([status, endedAt]).toEqual([200, expected === 'the start' ? started : expected]);
  });
});

describe('100 concurrent POST /sessions/:sessionId/complete', () => {
  it('end the session once: one first answer, 99 replays, all with the same end', async () => {
    const sessionId = await createSessionWith(service.client, 5);

    const answers = await Promise.all(
      upTo(100).map((n) => service.client.complete(sessionId, { status: n % 2 ? 'completed' : 'failed' })),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ headers }) => !('idempotent-replayed' in headers))).toHaveLength(1);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ finalSequence: 5 });
  });
});

describe('appends racing a completion', () => {
  it('are not late if they were acknowledged before it was sent, and the log stays dense', async () => {
    const sessionId = await createSession(service.client);
    const acknowledged: number[] = [];
    let ended: Promise<Answer<SessionBody>> | undefined;
    let before: number[] = [];
    const appendTen = async () => {
      for (let n = 0; n < 10; n++) {
        const { status, body } = await service.client.append(sessionId, anEvent());
        expect(status).toBe(201);
        acknowledged.push(body.sequence);
        if (acknowledged.length === 30) {
          before = [...acknowledged];
          ended = service.client.complete(sessionId);
        }
      }
    };
    await Promise.all(upTo(10).map(appendTen));
    await service.client.append(sessionId, anEvent());

    const end = (await ended)?.body;
    const finalSequence = end?.finalSequence ?? -1;
    expect(Math.max(...before)).toBeLessThanOrEqual(finalSequence);
    const pages = await Promise.all(
      [1, 2].map((page) => service.client.read(sessionId, { sort: 'sequence', limit: 100, page })),
    );
    const events = pages.flatMap(({ body }) => body.events);
    expect(events.map(({ sequence }) => sequence)).toEqual(upTo(101));
    expect(events.map(({ late }) => late)).toEqual(upTo(101).map((sequence) => sequence > finalSequence));
    for (const { body } of pages) expect(body).toMatchObject({ ...end });
  });
});
