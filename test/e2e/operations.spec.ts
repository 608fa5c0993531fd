import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { expectError } from '../support/expectations.js';
import { aSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const ORIGIN = 'https://app.example.com';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  request(service.client.origin).get(path).set(headers);

describe('GET /', () => {
  it('gives programs the name, the version and where the documentation is', async () => {
    const response = await get('/');

    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      name: 'conversation-session-service',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      docs: '/docs',
      metadataFilterKeys: ['queue', 'caller.id', '$plan', '50%'],
    });
  });
});

it.each(['/', '/health/live', '/health/ready', '/metrics'])(
  '%s takes any query parameter, as monitors add to get past caches',
  async (path) => {
    expect((await get(`${path}?_=1700000000`)).status).toBe(200);
  },
);

describe('GET /health', () => {
  it('live reports that the process responds, and ready that the store does', async () => {
    const [live, ready] = await Promise.all([get('/health/live'), get('/health/ready')]);

    expect([live.status, live.body]).toEqual([200, { status: 'ok' }]);
    expect([ready.status, ready.body]).toEqual([200, { status: 'ok' }]);
  });

  it('ready is 503 while the store is unreachable, even after it was ready; live stays 200', async () => {
    const losing = await startService();
    try {
      expect((await losing.client.send({ path: '/health/ready' })).status).toBe(200);
      await losing.connection.close();

      expectError(await losing.client.send({ path: '/health/ready' }), 'STORE_UNAVAILABLE');
      expectError(await losing.client.create(aSession()), 'STORE_UNAVAILABLE');
      expect((await losing.client.send({ path: '/health/live' })).status).toBe(200);
    } finally {
      await losing.close();
    }
  });
});

describe('GET /docs', () => {
  interface OpenApi {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
  }

  it('describes every endpoint in OpenAPI', async () => {
    const response = await get('/docs/openapi.json');

    const { openapi, paths } = response.body as OpenApi;
    expect(response.status).toBe(200);
    expect(openapi).toMatch(/^3\./);
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(operations).toEqual(
      expect.arrayContaining([
        'post /sessions',
        'get /sessions/{sessionId}',
        'patch /sessions/{sessionId}',
        'post /sessions/{sessionId}/events',
        'post /sessions/{sessionId}/complete',
        'get /health/live',
        'get /health/ready',
      ]),
    );
  });

  it('shows Swagger UI, which needs nothing from elsewhere', async () => {
    const { status, text } = await get('/docs');

    expect(status).toBe(200);
    const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source = '']) => source);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      expect((await get(new URL(source, 'http://x/docs').pathname)).status).toBe(200);
    }
  });
});

describe('cross-origin requests', () => {
  const preflight = {
    method: 'OPTIONS',
    path: '/sessions',
    headers: { Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' },
  };

  it('are refused by default: no response names an origin', async () => {
    const answers = await Promise.all([
      service.client.send(preflight),
      get('/', { Origin: ORIGIN }),
      service.client.create(aSession(), { Origin: ORIGIN }),
    ]);

    for (const { headers } of answers) expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('are allowed for the configured origins, and no others', async () => {
    const open = await startService({ corsOrigins: [ORIGIN, 'http://localhost:5173'] });
    try {
      const allowed = await open.client.send(preflight);
      const answered = await open.client.create(aSession(), { Origin: ORIGIN });
      const foreign = await open.client.send({ path: '/', headers: { Origin: 'https://evil.example' } });

      expect(allowed.status).toBe(204);
      expect(allowed.headers['access-control-allow-origin']).toBe(ORIGIN);
      expect(allowed.headers['access-control-allow-methods']).toContain('POST');
      expect(answered.headers['access-control-allow-origin']).toBe(ORIGIN);
      const exposed = String(answered.headers['access-control-expose-headers']).split(',');
      expect(exposed).toEqual(expect.arrayContaining(['Idempotent-Replayed', 'Retry-After']));
      expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
    } finally {
      await open.close();
    }
  });
});

describe('every answer', () => {
  it('has security headers, and does not show what serves it', async () => {
    const { headers } = await get('/health/live');

    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('etag');
  });
});
