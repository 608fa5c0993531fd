import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf, type ServiceClient } from '../support/client.js';
import { openRaw } from '../support/http.js';
import { onStore, runToExit, startProcess, untilReady, type ServiceProcess } from '../support/processes.js';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';
import { until } from '../support/until.js';

let store: TestStore;
beforeAll(async () => {
  store = await makeStore();
});
afterAll(() => store.remove());

/** Allows pages that exceed the system's socket buffers. */
const LARGE_PAGES = { MAX_PAGE_BYTES: String(16 * 1024 * 1024) };

/** A session that exceeds such a page. @returns its id. */
async function createSessionOf17Megabytes(client: ServiceClient): Promise<string> {
  const sessionId = await createSession(client);
  const payload = { text: 'x'.repeat(250_000) };
  for (let batch = 0; batch < 7; batch++) {
    await client.appendBatch(
      sessionId,
      upTo(10).map(() => anEvent({ payload })),
    );
  }
  return sessionId;
}

/** Waits until a response is being sent to a client that does not read it. */
async function untilSent(client: ServiceClient): Promise<void> {
  await until(async () => (await client.metric('conversation_under_way_bytes')) > 0, 60_000);
}

it('the service goes on for SHUTDOWN_DELAY_MS, not ready, before it stops', async () => {
  const service = await startProcess({ ...onStore(store), SHUTDOWN_DELAY_MS: '1500' });
  await untilReady(service);
  service.signal('SIGTERM');
  await service.wrote('SIGTERM');

  const ready = await service.client.send({ path: '/health/ready' });
  const live = await service.client.send({ path: '/health/live' });
  expect([ready.status, live.status]).toEqual([503, 200]);
  expect([ready.headers.connection, live.headers.connection]).toEqual(['close', 'close']);
  await createSession(service.client);
  expect(await service.ended).toMatchObject({ code: 0, signal: null });
});

it('a signal that comes before anything is loaded stops the service cleanly', async () => {
  // As soon as it listens to signals, which is the first thing it does.
  const kill = `process.on('newListener', (name) => {
    if (name === 'SIGTERM') setImmediate(() => process.kill(process.pid, name));
  });`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(kill)}`;

  const { code, output } = await runToExit({ ...onStore(store), NODE_OPTIONS });

  expect(output).toContain('SIGTERM: finishing the requests under way');
  expect(code).toBe(0);
});

describe('on a signal to stop', () => {
  const sessions: string[] = [];
  let large: string;
  let next: ServiceProcess;

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s, the service answers what is under way, waits for no idle connection, and ends with code 0',
    async (signal) => {
      const service = await startProcess(onStore(store));
      await untilReady(service);
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
      await underWay.received('100 Continue'); // so the service has part of the request

      service.signal(signal);
      await idle.closed();
      underWay.write(body);

      expect(await underWay.closed()).toMatch(/HTTP\/1\.1 201 Created\r\n[^]*"sequence":1/);
      expect(await service.ended).toMatchObject({ code: 0, signal: null });
    },
  );

  it('the service completes responses that are read at a moderate pace, and exits with 0', async () => {
    const service = await startProcess({ ...onStore(store), ...LARGE_PAGES });
    await untilReady(service);
    large = await createSessionOf17Megabytes(service.client);
    const reader = await openRaw(service.client.origin);
    reader.pause();
    reader.write(`GET ${pathOf(large)}?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await untilSent(service.client);

    service.signal('SIGTERM');
    await service.wrote('SIGTERM');
    const reading = setInterval(() => {
      reader.resume();
      setImmediate(() => {
        reader.pause();
      });
    }, 5);
    const text = await reader.closed();
    clearInterval(reading);

    const [, length] = /Content-Length: (\d+)/.exec(text) ?? [];
    expect(Buffer.byteLength(text.slice(text.indexOf('\r\n\r\n') + 4))).toBe(Number(length));
    expect(await service.ended).toMatchObject({ code: 0, signal: null });
  });

  it('the service leaves a complete store for the next one to open', async () => {
    next = await startProcess({ ...onStore(store), ...LARGE_PAGES });
    await untilReady(next);

    const reads = await Promise.all([...sessions, large].map((sessionId) => next.client.read(sessionId)));

    expect(reads.map(({ body }) => body.pagination.total)).toEqual([1, 1, 70]);
  });

  it('the service disconnects a client that reads nothing after ten seconds, and exits with 1', async () => {
    const reader = await openRaw(next.client.origin);
    reader.pause();
    reader.write(`GET ${pathOf(large)}?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await untilSent(next.client);

    next.signal('SIGTERM');

    expect(await next.ended).toMatchObject({ code: 1, signal: null });
    reader.leave();
  });
});
