import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const get = (path: string) => service.client.send({ path });

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
});

describe('GET /docs', () => {
  it('shows Swagger UI, which needs nothing from elsewhere', async () => {
    const { status, text } = await get('/docs');

    expect(status).toBe(200);
    const sources = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source = '']) => source);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      expect(source).not.toMatch(/^(https?:)?\/\//);
      expect((await get(new URL(source, 'http://x/docs').pathname)).status).toBe(200);
    }
    for (const file of ['package.json', 'swagger-ui-bundle.js.map', '..%2fpackage.json']) {
      const missing = await service.client.send({ path: `/docs/${file}` });
      expectError(missing, 'ROUTE_NOT_FOUND');
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
