import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const get = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  service.client.send({ path, headers, method });

describe.each(['/', '/sessions?status=failed', '/sessions/a%2Fb%3F'])('%s', (path) => {
  it.each([BROWSER, 'application/json;q=0.5, text/html'])(
    'is a page for a client that accepts %s',
    async (Accept) => {
      const { status, headers, text } = await get(path, { Accept });

      expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(headers['content-security-policy']).toMatch(/^default-src 'self';/);
      expect(headers.vary).toMatch(/\bAccept\b/);
      expect(text).toMatch(/^<!doctype html>/);
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/i);
    },
  );

  it.each(['*/*', 'application/json,text/html;q=0.9'])(
    'is JSON for a client that accepts %s',
    async (Accept) => {
      const { headers } = await get(path, { Accept });

      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(headers.vary).toMatch(/\bAccept\b/);
    },
  );
});

it('is JSON for everybody at other paths, errors and writes too', async () => {
  const path = pathOf(await createSession(service.client));
  const headers = { Accept: BROWSER };

  expectError(await get('/nowhere', headers), 'ROUTE_NOT_FOUND');
  expectError(await get('/ui/nothing.css', headers), 'ROUTE_NOT_FOUND');
  expectError(await get(`${path}/events/none`, headers), 'EVENT_NOT_FOUND');
  expectError(await service.client.post('/sessions', {}, headers), 'VALIDATION_FAILED');
  expect((await get(`${path}/events`, headers)).body).toMatchObject({ events: [] });
});

it('has files that a browser asks for again by their ETag, and HEAD', async () => {
  const { text } = await get('/sessions/none', { Accept: BROWSER });
  const files = [...text.matchAll(/(?:src|href)="(\/ui\/[^"]+)"/g)].map(([, file = '']) => file);

  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const file of [...files, '/ui/event-text.js']) {
    const { status, headers } = await get(file);
    expect([file, status, headers['cache-control']]).toEqual([file, 200, 'no-cache']);
    expect((await get(file, { 'If-None-Match': headers['etag'] ?? '' })).status).toBe(304);
    const head = await get(file, {}, 'HEAD');
    expect([head.status, head.headers['content-length']]).toEqual([200, headers['content-length']]);
  }
  expect((await get('/', { Accept: BROWSER }, 'HEAD')).headers['content-type']).toMatch(/^text\/html/);
});
