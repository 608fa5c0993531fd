import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onStore, startProcess } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

describe('the log of a process', () => {
  it('has a line of JSON for each request, with the field names that log collectors know', async () => {
    const service = await startProcess(onStore(store));
    await service.client.send({ path: '/health/live' });
    const headers = { 'X-Request-Id': 'mine' };
    await service.client.send({ path: '/sessions/nobody?limit=1', headers });
    await service.wrote(/nobody/);
    const { output } = await service.stop();
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ route }) => route !== undefined)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      context: 'Http',
      req: { id: 'mine' },
      method: 'GET',
      route: '/sessions/:sessionId',
      path: '/sessions/nobody',
      statusCode: 404,
      code: 'SESSION_NOT_FOUND',
      ms: expect.any(Number),
      message: 'GET /sessions/nobody 404',
    });
    for (const line of lines) {
      expect(line).toMatchObject({ level: expect.any(String), message: expect.any(String) });
    }
    expect(output).not.toContain('/health/live'); // probes are logged only at LOG_LEVEL=debug
  });
});
