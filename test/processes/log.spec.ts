import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/ports.js';
import { onStore, startProcess, untilReady } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';
import { until } from '../support/until.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

describe('the log of a process', () => {
  it('has a line of JSON for each request, with the field names that log collectors know', async () => {
    const service = await startProcess(onStore(store));
    await untilReady(service);
    await service.client.send({ path: '/health/live' });
    const headers = { 'X-Request-Id': 'mine' };
    await service.client.send({ path: '/sessions/nobody?limit=1', headers });
    await service.wrote(/nobody/);
    const { output } = await service.stop();
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ path }) => path === '/sessions/nobody')).toEqual({
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

  it('has no line for a request with ACCESS_LOG=off', async () => {
    const service = await startProcess({ ...onStore(store), ACCESS_LOG: 'off' });
    await service.client.send({ path: '/sessions/nobody' });
    const { output } = await service.stop();

    expect(output).toContain('Listening on http://127.0.0.1:');
    expect(output).not.toContain('nobody');
  });

  it.each([
    ['connection', '127.0.0.1'],
    ['forwarded', '203.0.113.7'],
  ])('has the client’s address with LOG_CLIENT_ADDRESS=%s', async (LOG_CLIENT_ADDRESS, address) => {
    const service = await startProcess({ ...onStore(store), LOG_CLIENT_ADDRESS });
    const headers = { 'X-Forwarded-For': '198.51.100.1, 203.0.113.7' };
    await service.client.send({ path: '/sessions/nobody', headers });
    const { output } = await service.stop();

    expect(output).toContain(`"client":"${address}"`);
    expect(output).not.toContain('198.51.100.1'); // what the client itself said
  });

  it.each(['pipe', '/dev/full'] as const)(
    'may lose its reader or fill its disk without stopping the service, which still shuts down on request: %s',
    async (where) => {
      const log = where === 'pipe' ? where : openSync(where, 'w');
      const port = await freePort();
      const child = spawn(process.execPath, ['dist/main.js'], {
        env: { ...process.env, ...onStore(store), PORT: String(port) },
        stdio: ['ignore', log, 'ignore'],
      });
      if (typeof log === 'number') closeSync(log);
      child.stdout?.destroy();

      const origin = `http://127.0.0.1:${port}`;
      const isReady = () =>
        fetch(`${origin}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(isReady, 60_000);
      for (let asked = 0; asked < 20; asked++)
        expect((await fetch(`${origin}/sessions/nobody`)).status).toBe(404);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );
});
