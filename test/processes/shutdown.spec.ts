import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { openRaw } from '../support/http.js';
import { onStore, startProcess } from '../support/processes.js';
import { anEvent, createSession } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

describe('told to stop', () => {
  const sessions: string[] = [];

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s, the service answers what is under way, waits for no idle connection, and ends with code 0',
    async (signal) => {
      const service = await startProcess(onStore(store));
      const sessionId = await createSession(service.client);
      sessions.push(sessionId);
      const idle = await openRaw(service.client.origin);
      idle.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await idle.received('{"status":"ok"}');
      const body = JSON.stringify(anEvent());
      const underWay = await openRaw(service.client.origin);
      underWay.write(
        `POST ${pathOf(sessionId)}/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await underWay.received('100 Continue'); // so the service has the request, but not all of it

      service.signal(signal);
      await idle.closed();
      underWay.write(body);

      expect(await underWay.closed()).toMatch(/HTTP\/1\.1 201 Created\r\n[^]*"sequence":1/);
      expect(await service.ended).toMatchObject({ code: 0, signal: null });
    },
  );

  it('leaves a store behind that has everything, for the next one to open', async () => {
    const service = await startProcess(onStore(store));

    const reads = await Promise.all(sessions.map((sessionId) => service.client.read(sessionId)));

    expect(reads.map(({ body }) => body.pagination.total)).toEqual([1, 1]);
    expect(await service.stop()).toMatchObject({ code: 0 });
  });
});
