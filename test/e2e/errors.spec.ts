import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { type ErrorBody } from '../support/representations.js';
import { anEvent, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let sessionId: string;
beforeAll(async () => {
  service = await startService();
  sessionId = await createSession(service.client);
});
afterAll(() => service.close());

describe.each(['', '/events', '/complete'])('/sessions/:sessionId%s of an unknown session', (below) => {
  it('is 404 and names the session', async () => {
    const path = `/sessions/no%2Fbody${below}`;

    const answer = below
      ? await service.client.post(path, below === '/events' ? anEvent() : {})
      : await service.client.send({ path });

    const error = expectError(answer, 'SESSION_NOT_FOUND');
    expect(error.message).toContain('"no/body"');
    expect(error.path).toBe(path);
  });
});

describe('a validation error', () => {
  it('of 60,000 fields names the first 20, and the number of the others', async () => {
    const many = Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [n.toString(36), 0]));
    const answer = await service.client.append(sessionId, { ...anEvent(), ...many });

    const { message, details = [] } = expectError(answer, 'VALIDATION_FAILED');
    expect(details).toHaveLength(20);
    expect(message).toHaveLength(21);
    expect(message.at(-1)).toBe('59980 more faults are not named');
    expect(answer.text.length).toBeLessThan(5000);
  });

  it('names every fault of a body, each with a sentence', async () => {
    const answer = await service.client.create({ language: '?', status: 'over', metadata: [], extra: 1 });

    const { details = [] } = expectError(answer, 'VALIDATION_FAILED');
    const fields = details.map(({ field }) => field).sort();
    expect(fields).toEqual(['extra', 'language', 'metadata', 'sessionId', 'status']);
  });
});

describe('an unknown path or method', () => {
  it.each([
    ['GET', '/nowhere'],
    ['GET', '/sessions/a/b/c'],
    ['POST', '/sessions/a/b'],
    ['GET', '/sessions//events/x'],
  ])('%s %s is 404 ROUTE_NOT_FOUND', async (method, path) => {
    expectError(await service.client.send({ method, path }), 'ROUTE_NOT_FOUND');
  });

  it.each([
    ['POST', '/sessions/a', 'DELETE, GET, HEAD, PATCH'],
    ['OPTIONS', '/sessions/a', 'DELETE, GET, HEAD, PATCH'],
    ['PUT', '/sessions/a/events', 'GET, HEAD, POST'],
    ['PUT', '/sessions/a/events/b', 'DELETE, GET, HEAD'],
    ['GET', '/sessions/a/complete', 'POST'],
    ['PROPFIND', '/health/live', 'GET, HEAD'],
  ])('%s %s is 405 and allows %s', async (method, path, allow) => {
    const answer = await service.client.send({ method, path });

    expectError(answer, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.allow).toBe(allow);
  });

  it.each([
    ['POST', '/nowhere', 'ROUTE_NOT_FOUND'],
    ['PATCH', '/sessions/a/events', 'METHOD_NOT_ALLOWED'],
    ['PUT', '/sessions/a', 'METHOD_NOT_ALLOWED'],
  ] as const)('%s %s is not looked at for its body: %s', async (method, path, code) => {
    for (const [body, type] of [
      ['x'.repeat(5_000_000), 'application/json'],
      ['{', 'application/json'],
      ['{}', 'text/plain'],
    ] as const) {
      const headers = { 'Content-Type': type };
      expectError(await service.client.send({ method, path, headers, body }), code);
    }
  });

  it('HEAD answers like GET, without a body', async () => {
    const [head, get, missing, wrong] = await Promise.all([
      service.client.send({ method: 'HEAD', path: `/sessions/${sessionId}` }),
      service.client.send({ path: `/sessions/${sessionId}` }),
      service.client.send({ method: 'HEAD', path: '/sessions/nobody' }),
      service.client.send({ method: 'HEAD', path: '/sessions/a/complete' }),
    ]);

    expect([head.status, missing.status, wrong.status]).toEqual([200, 404, 405]);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.text + missing.text + wrong.text).toBe('');
  });
});

describe('X-Request-Id', () => {
  it.each(['abc', 'A-Z_0.9:/+=@', 'x'.repeat(128)])('is adopted if it is safe: %s', async (id) => {
    const headers = { 'X-Request-Id': id };
    const fine = await service.client.send({ path: '/health/live', headers });
    const wrong = await service.client.send({ path: '/nowhere', headers });

    expect(fine.headers['x-request-id']).toBe(id);
    expect(expectError(wrong, 'ROUTE_NOT_FOUND').requestId).toBe(id);
  });

  it.each([' ', '"quoted"', 'x'.repeat(129), 'a,b', 'é'])(
    'is made where the client’s is not sane: %p',
    async (id) => {
      const { headers } = await service.client.send({ path: '/nowhere', headers: { 'X-Request-Id': id } });

      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('is generated for each request, and sent with every response', async () => {
    const answers = await Promise.all([
      service.client.send({ path: '/health/live' }),
      service.client.send({ path: '/nowhere' }),
      service.client.send({ path: '/docs/openapi.json' }),
      service.client.send({ path: '/sessions/%zz' }),
      service.client.postText('/sessions', '{'),
    ]);

    const ids = answers.map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(5);
    expect((answers[1].body as ErrorBody).requestId).toBe(ids[1]);
  });
});
