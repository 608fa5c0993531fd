import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import createClient from 'openapi-fetch';
import { type paths } from '../src/openapi.js';
import { newId } from '../../../test/support/samples.js';
import { startService, type TestService } from '../../../test/support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

describe('the types generated from the OpenAPI description', () => {
  it('are those of docs/openapi.json, which matches the code', async () => {
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    await promisify(execFile)(process.execPath, ['scripts/openapi.mjs', '--check'], { cwd: root });
  });

  // Half of the test is that it compiles: optional fields may be left out, and bodies of reads are not strings.
  it('suffice for a client', async () => {
    const api = createClient<paths>({ baseUrl: service.client.origin });
    const path = { sessionId: newId() };
    await api.POST('/sessions', { body: { sessionId: path.sessionId, language: 'en' } });
    const { data: stored } = await api.POST('/sessions/{sessionId}/events', {
      params: { path },
      body: { eventId: 'e1', type: 'user_speech', payload: { text: 'Hello' } },
    });
    await api.PATCH('/sessions/{sessionId}', {
      params: { path },
      body: { metadata: { rating: 5 } },
      headers: { 'Content-Type': 'application/merge-patch+json' },
    });
    await api.POST('/sessions/{sessionId}/complete', { params: { path }, body: {} });
    const { data: read } = await api.GET('/sessions/{sessionId}', { params: { path, query: { limit: 5 } } });
    const { data: list } = await api.GET('/sessions', { params: { query: { limit: 1 } } });
    const { error } = await api.GET('/sessions/{sessionId}', { params: { path: { sessionId: 'none' } } });

    expect(stored?.sequence).toBe(1);
    expect(read?.events.map(({ eventId }) => eventId)).toEqual(['e1']);
    expect([read?.status, read?.metadata['rating']]).toEqual(['completed', 5]);
    expect(list?.sessions.length).toBe(1);
    expect(error?.code).toBe('SESSION_NOT_FOUND');
  });
});
