import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { expectError, expectReplay } from '../support/expectations.js';
import { type JsonObject } from '../support/representations.js';
import { aSession, anEvent, createSession, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const metadataOf = async (sessionId: string) => (await service.client.read(sessionId)).body.metadata;
const withMetadata = (metadata: JsonObject) => createSession(service.client, { metadata });

describe('PATCH /sessions/:sessionId', () => {
  it('merges into the metadata and answers with the session', async () => {
    const sessionId = await withMetadata({
      queue: 'billing',
      agent: { name: 'Ann', floor: 2 },
      'a.b': { $set: 1, constructor: 'x' },
      tags: [1, 2],
    });

    const answer = await service.client.patch(sessionId, {
      metadata: { queue: null, agent: { floor: 3 }, 'a.b': { $set: null }, tags: ['x'], ticket: 'T-17' },
    });

    expect(answer.status).toBe(200);
    expect(answer.text).toContain(
      '"metadata":{"agent":{"name":"Ann","floor":3},"a.b":{"constructor":"x"},"tags":["x"],"ticket":"T-17"}',
    );
    expect(Object.keys(answer.body)).toEqual([
      'sessionId',
      'status',
      'language',
      'startedAt',
      'endedAt',
      'finalSequence',
      'metadata',
    ]);
    expect((await service.client.read(sessionId)).body).toMatchObject(answer.body);
  });

  it('leaves everything else as it is, after the end too', async () => {
    const sessionId = await createSession(service.client);
    await service.client.append(sessionId, anEvent());
    const { body: ended } = await service.client.complete(sessionId, { status: 'failed' });

    const { status, body } = await service.client.patch(sessionId, { metadata: { outcome: 'resolved' } });

    expect(status).toBe(200);
    expect(body).toEqual({ ...ended, metadata: { ...ended.metadata, outcome: 'resolved' } });
    const again = await service.client.complete(sessionId);
    expectReplay(again);
    expect(again.body).toEqual(body);
  });

  it('replaces the language, which is detected late, and compares a creation with what it was sent with', async () => {
    const body = aSession({ language: 'und' });
    await service.client.create(body);

    const patched = await service.client.patch(body.sessionId, { language: 'de-CH' });

    expect([patched.status, patched.body.language]).toEqual([200, 'de-CH']);
    expect(patched.body.metadata).toEqual(body.metadata);
    expectReplay(await service.client.create(body));
    expectReplay(await service.client.create({ ...body, language: 'de-CH' }), { mismatch: true });
  });
});

describe('a creation sent again after a patch', () => {
  it('is compared with what the session was created with, and returns its current state', async () => {
    const body = aSession({ metadata: { queue: 'billing' } });
    await service.client.create(body);
    for (const metadata of [{ queue: 'sales' }, { ticket: 'T-17' }]) {
      await service.client.patch(body.sessionId, { metadata });
    }
    const metadata = { queue: 'sales', ticket: 'T-17' };

    const same = await service.client.create(body);
    expectReplay(same);
    expect(same.body.metadata).toEqual(metadata);
    expectReplay(await service.client.create({ ...body, metadata }), { mismatch: true });
    const strict = { Prefer: 'handling=strict' };
    expect((await service.client.create(body, strict)).status).toBe(200);
    expectError(await service.client.create({ ...body, metadata }, strict), 'SESSION_CONFLICT');
  });
});

describe('concurrent patches', () => {
  it('100 of different keys: all are kept, and each answer shows its own', async () => {
    const sessionId = await withMetadata({ first: true });

    const answers = await Promise.all(
      upTo(100).map((n) =>
        service.client.patch(sessionId, { metadata: { [`k${n}`]: n, shared: { [n]: n } } }),
      ),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    answers.forEach(({ body }, index) => {
      expect(body.metadata).toMatchObject({ [`k${index + 1}`]: index + 1 });
    });
    const metadata = await metadataOf(sessionId);
    expect(metadata).toEqual({
      first: true,
      shared: Object.fromEntries(upTo(100).map((n) => [n, n])),
      ...Object.fromEntries(upTo(100).map((n) => [`k${n}`, n])),
    });
  });

  it('that would exceed the limit together: those that fit are kept, the others are refused', async () => {
    const sessionId = await withMetadata({});
    const large = 'x'.repeat(3000);

    const answers = await Promise.all(
      upTo(10).map((n) => service.client.patch(sessionId, { metadata: { [`k${n}`]: large } })),
    );

    const kept = answers.flatMap(({ status }, index) => (status === 200 ? [`k${index + 1}`] : []));
    expect(kept).toHaveLength(5);
    for (const answer of answers)
      if (answer.status !== 200) expectError(answer, 'VALIDATION_FAILED', 'metadata');
    expect(Object.keys(await metadataOf(sessionId)).sort()).toEqual(kept.sort());
  });
});

describe('a patch that is refused changes nothing', () => {
  let sessionId: string;
  const before = { queue: 'billing', ref: { $ref: 'x' } };
  beforeAll(async () => {
    sessionId = await withMetadata(before);
  });
  const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });

  it.each([
    ['another field', { metadata: { a: 1 }, startedAt: '2026-03-01T12:00:00Z' }, 'startedAt'],
    ['no language', { metadata: { a: 1 }, language: '?' }, 'language'],
    ['the status', { status: 'completed' }, 'status'],
    ['too much', { metadata: { a: 'x'.repeat(16_384) } }, 'metadata'],
    ['too much together with what is there', { metadata: { a: 'x'.repeat(16_384 - 40) } }, 'metadata'],
    ['what makes a reference together with what is there', { metadata: { ref: { $id: 1 } } }, 'metadata'],
    ['a list', [], 'body'],
  ])('%s', async (_what, body, field) => {
    expectError(await service.client.patch(sessionId, body), 'VALIDATION_FAILED', field);
    expect(await metadataOf(sessionId)).toEqual(before);
  });

  it.each(['application/json', 'application/json-patch+json', undefined])(
    'sent as %s: only a merge patch says what null and lists mean',
    async (type) => {
      const answer = await service.client.send({
        method: 'PATCH',
        path: pathOf(sessionId),
        headers: type === undefined ? {} : { 'Content-Type': type },
        body: '{"metadata":{"queue":null}}',
      });

      expectError(answer, 'UNSUPPORTED_MEDIA_TYPE');
      expect(answer.headers['accept-patch']).toBe('application/merge-patch+json');
      expect(await metadataOf(sessionId)).toEqual(before);
    },
  );

  it('of an unknown session', async () => {
    expectError(await service.client.patch('nobody', { metadata: { a: 1 } }), 'SESSION_NOT_FOUND');
    expectError(await service.client.patch('nobody', {}), 'SESSION_NOT_FOUND');
  });
});
