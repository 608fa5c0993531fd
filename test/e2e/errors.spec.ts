import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ErrorCode } from '../../src/common/errors/error-catalogue.js';
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

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** The endpoints of writes; `:id` stands for a session. */
const WRITES = ['/sessions', '/sessions/:id/events', '/sessions/:id/complete'];
const here = (path: string) => path.replace(':id', sessionId);

describe.each(WRITES)('POST %s', (path) => {
  const post = (body: string, headers: Record<string, string> = JSON_TYPE) =>
    service.client.postText(here(path), body, headers);

  it.each([
    ['VALIDATION_FAILED', '{"status": 7, "type": 7}', {}],
    ['VALIDATION_FAILED', '[]', {}],
    ['MALFORMED_JSON', '{', {}],
    ['MALFORMED_JSON', '"\u0001"', {}],
    ['UNSUPPORTED_MEDIA_TYPE', '{}', { 'Content-Type': 'text/plain' }],
    ['UNSUPPORTED_MEDIA_TYPE', '{}', { 'Content-Encoding': 'rot13' }],
    ['PAYLOAD_TOO_LARGE', `{"x":"${'x'.repeat(512 * 1024)}"}`, {}],
    ['PAYLOAD_TOO_LARGE', 'x'.repeat(512 * 1024 + 1), { 'Content-Type': 'text/plain' }],
  ] as [ErrorCode, string, object][])('answers with the shape of %s', async (code, body, headers) => {
    const answer = await post(body, { ...JSON_TYPE, ...headers });

    const error = expectError(answer, code);
    expect(error).toMatchObject({ method: 'POST', path: here(path) });
  });
});

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

  it('names a field by its first hundred characters', async () => {
    const answer = await service.client.append(sessionId, { ...anEvent(), ['k'.repeat(200_000)]: 0 });

    const { details = [] } = expectError(answer, 'VALIDATION_FAILED');
    expect(details).toEqual([
      { field: `${'k'.repeat(100)}…`, message: `${'k'.repeat(100)}… is not known here` },
    ]);
  });

  it('names every fault of a body, each with a sentence', async () => {
    const answer = await service.client.create({ language: 'x y', status: 'over', metadata: [], extra: 1 });

    const { details = [] } = expectError(answer, 'VALIDATION_FAILED');
    expect(details.map(({ field }) => field).sort()).toEqual([
      'extra',
      'language',
      'metadata',
      'sessionId',
      'status',
    ]);
  });

  it('names the place of nested faults, as a JSON Pointer', async () => {
    const payload = { a: [{ 'b/c~d': { e: 'x\0' } }] };

    const answer = await service.client.append(sessionId, anEvent({ payload }));

    const { details } = expectError(answer, 'VALIDATION_FAILED', 'payload');
    expect(details?.[0]?.message).toMatch(/^\/payload\/a\/0\/b~1c~0d\/e /);
  });

  it('names the parameters of a query and of a path', async () => {
    const query = await service.client.send({ path: `/sessions/${sessionId}?limit=0&nope=1` });
    const path = await service.client.send({ path: '/sessions/a%20b?limit=5' });

    expectError(query, 'VALIDATION_FAILED', 'limit');
    expectError(query, 'VALIDATION_FAILED', 'nope');
    expectError(path, 'VALIDATION_FAILED', 'sessionId');
  });
});

describe('an unknown path or method', () => {
  it.each([
    ['GET', '/nowhere'],
    ['POST', '/'.repeat(50)],
    ['GET', '/sessions/a/b/c'],
    ['POST', '/sessions/a/b'],
    ['GET', '/health'],
    ['PUT', '/favicon.ico'],
    ['GET', '/SESSION'],
    ['GET', '/sessions//events/x'],
  ])('%s %s is 404 ROUTE_NOT_FOUND', async (method, path) => {
    expectError(await service.client.send({ method, path }), 'ROUTE_NOT_FOUND');
  });

  it.each([
    ['PUT', '/sessions', 'GET, HEAD, POST'],
    ['POST', '/sessions/a', 'DELETE, GET, HEAD, PATCH'],
    ['PUT', '/sessions/a%2Fb?limit=5', 'DELETE, GET, HEAD, PATCH'],
    ['PUT', '/sessions/a/events', 'GET, HEAD, POST'],
    ['PUT', '/sessions/a/events/b', 'DELETE, GET, HEAD'],
    ['GET', '/sessions/a/complete/', 'POST'],
    ['GET', '/sessions/a/complete', 'POST'],
    ['DELETE', '/sessions/a/complete/', 'POST'],
    ['POST', '/', 'GET, HEAD'],
    ['PROPFIND', '/health/live', 'GET, HEAD'],
    ['TRACE', '/health/ready', 'GET, HEAD'],
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

  it('OPTIONS lists the methods of a path in Allow', async () => {
    const answer = await service.client.send({ method: 'OPTIONS', path: '/sessions/a' });

    expectError(answer, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.allow).toBe('DELETE, GET, HEAD, PATCH');
  });

  it('OPTIONS of an unknown path is 404', async () => {
    expectError(await service.client.send({ method: 'OPTIONS', path: '/nowhere' }), 'ROUTE_NOT_FOUND');
  });
});

describe('a request for a file of the documentation', () => {
  it.each([{ Range: 'bytes=999999999-' }, { 'If-Match': '"other"' }])('is 400 with %j', async (headers) => {
    expectError(await service.client.send({ path: '/docs/swagger-ui.css', headers }), 'BAD_REQUEST');
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

  it.each(['', ' ', 'a b', '"quoted"', '<b>', 'x'.repeat(129), 'a,b', 'é'])(
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
