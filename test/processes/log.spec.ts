import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { onStore, startProcess } from '../support/processes.js';
import { makeStore, type TestStore } from '../support/store.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

describe('the log of a process', () => {
  it('has a line of JSON for each request, with the names that collectors of logs know', async () => {
    const service = await startProcess(onStore(store));
    await service.client.send({ path: '/health/live' });
    await service.client.send({ path: '/sessions/nobody?limit=1', headers: { 'X-Request-Id': 'mine' } });
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
      status: 404,
      ms: expect.any(Number),
      message: 'GET /sessions/nobody?limit=1 404',
    });
    for (const line of lines) {
      expect(line).toMatchObject({ level: expect.any(String), message: expect.any(String) });
    }
    expect(output).not.toContain('/health/live'); // a probe's line is for LOG_LEVEL=debug
  });

  it('may lose its reader, and the service goes on', async () => {
    const child = spawn(process.execPath, ['dist/main.js'], {
      env: { ...process.env, ...onStore(store), PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let origin = '';
    for await (const line of createInterface(child.stdout)) {
      origin = /Listening on (http:[^"\s]+)/.exec(line)?.[1] ?? '';
      if (origin) break;
    }
    child.stdout.destroy();
    for (let asked = 0; asked < 20; asked++) {
      expect((await fetch(`${origin}/sessions/nobody`)).status).toBe(404);
    }
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
