import { connect } from 'node:net';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ErrorView, type EventView } from './api.js';
import { exchange, type HttpAnswer } from './http.js';
import { Cluster } from './service/cluster.js';
import { type Instance } from './service/instance.js';
import { type TcpProxy } from './faults/tcp-proxy.js';
import { contentOf } from './contents.js';

/** The contract's limit, plus a margin for a busy machine. */
const WITHIN_MS = 3000 + 500;
/** How soon a store that is back must be found. */
const BACK_WITHIN_MS = 5000;
/** The bytes of bodies that the service accepts at once in these tests. */
const MAX_BYTES_UNDER_WAY = 8 * 1024 * 1024;
/** A flood of 14 times that. */
const FLOOD = { requests: 2000, bytes: 60_000 };

/** How long a client may take for a request in these tests. */
const REQUEST_TIMEOUT_MS = 5000;

const SESSION = 'degradation';
const FLOODED = 'flooded';

/** Every kind of request that needs the store. */
const REQUESTS = [
  { method: 'GET', path: '/health/ready', body: undefined },
  { method: 'POST', path: '/sessions', body: { sessionId: SESSION, language: 'en' } },
  { method: 'GET', path: `/sessions/${SESSION}`, body: undefined },
  { method: 'POST', path: `/sessions/${SESSION}/events`, body: contentOf(SESSION, 'e-1', 0) },
  { method: 'POST', path: `/sessions/${SESSION}/complete`, body: {} },
] as const;

describe('degradation', () => {
  let cluster: Cluster;
  let instance: Instance;
  let wire: TcpProxy;

  const send = (method: string, path: string, body?: unknown, timeoutMs = 10_000) =>
    exchange({ method, url: `${instance.url}${path}`, body, timeoutMs });

  async function timed(method: string, path: string, body?: unknown) {
    const from = performance.now();
    const answer = await send(method, path, body);
    return { ...answer, ms: performance.now() - from };
  }

  function expectUnavailable(answer: HttpAnswer & { ms: number }): void {
    const { code } = JSON.parse(answer.text) as ErrorView;
    expect({ status: answer.status, code }).toEqual({ status: 503, code: 'STORE_UNAVAILABLE' });
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(answer.ms).toBeLessThan(WITHIN_MS);
  }

  /** While the store is unreachable, nothing hangs, and nothing is acknowledged. */
  async function expectAway(): Promise<void> {
    const answers = await Promise.all(REQUESTS.map(({ method, path, body }) => timed(method, path, body)));
    answers.forEach(expectUnavailable);
    expect((await timed('GET', '/health/live')).status).toBe(200);
  }

  /** It serves again, without a restart, and has lost nothing. */
  async function expectBack(pid: number | undefined): Promise<void> {
    const from = performance.now();
    const read = async () => (await send('GET', `/sessions/${SESSION}`)).status;
    while ((await read()) !== 200) {
      expect(performance.now() - from).toBeLessThan(BACK_WITHIN_MS);
      await sleep(20);
    }
    expect((await send('GET', '/health/ready')).status).toBe(200);
    expect(instance.pid).toBe(pid);
  }

  beforeAll(async () => {
    cluster = await Cluster.start({
      instances: 1,
      store: 'standalone',
      env: {
        REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
        MAX_BYTES_UNDER_WAY: String(MAX_BYTES_UNDER_WAY),
      },
    });
    [instance] = cluster.instances as [Instance];
    wire = cluster.wires.get(instance.name) as TcpProxy;
    await send('POST', '/sessions', { sessionId: SESSION, language: 'en' });
  });

  afterEach(() => cluster.heal());

  afterAll(() => cluster.stop());

  it('answers 503 in time while the store is gone, and serves as soon as it is back', async () => {
    const { pid } = instance;
    await cluster.store?.kill();
    await expectAway();
    await expectAway(); // not only the first time, while connections break
    cluster.store?.start();
    await cluster.store?.untilReady();
    await expectBack(pid);
  });

  it('answers 503 in time while the connections to the store are cut', async () => {
    const { pid } = instance;
    wire.set('cut');
    await expectAway();
    wire.set('pass');
    await expectBack(pid);
  });

  it('answers 503 in time while the store is silent', async () => {
    const { pid } = instance;
    wire.set('stall');
    await expectAway();
    await expectAway();
    wire.set('pass');
    await expectBack(pid);
  });

  it('starts without its store, and serves when it comes', async () => {
    await cluster.store?.kill();
    await instance.kill();
    instance.start();
    while (!(await send('GET', '/health/live').catch(() => undefined))) await sleep(50);
    await expectAway();
    cluster.store?.start();
    await cluster.store?.untilReady();
    await expectBack(instance.pid);
  });

  it('keeps no more waiting than it can hold while the store is slow', async () => {
    await send('POST', '/sessions', { sessionId: FLOODED, language: 'en' });
    const before = await memoryOf(instance.pid);
    wire.set('stall');
    const payload = { text: 'x'.repeat(FLOOD.bytes) };
    const flood = Array.from({ length: FLOOD.requests }, (_, index) =>
      timed('POST', `/sessions/${SESSION}/events`, {
        eventId: `flood-${index}`,
        type: 'system',
        payload,
      }).catch(() => undefined),
    );
    const answers = (await Promise.all(flood)).filter((answer) => answer !== undefined);
    // Or 408, if this process was too busy with the others to send a request completely in time.
    for (const { status } of answers) expect([503, 408]).toContain(status);
    // Accepted requests would cost one and a half times their size; the connections and the garbage of the refusals
    // cost half.
    expect((await memoryOf(instance.pid)) - before).toBeLessThan(FLOOD.requests * FLOOD.bytes);
    wire.set('pass');
    await expectBack(instance.pid);
    // Waiting appends may still be stored or not; the stored ones are in order.
    const page = await send('GET', `/sessions/${FLOODED}?sort=sequence&limit=100`);
    const { events } = JSON.parse(page.text) as { events: EventView[] };
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  }, 120_000);

  it('cuts off a client that sends half a request and stalls', async () => {
    const socket = connect(Number(new URL(instance.url).port), '127.0.0.1');
    socket.write(
      'POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    const from = performance.now();
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect(performance.now() - from).toBeLessThan(REQUEST_TIMEOUT_MS + 5000); // it checks once a second
  });
});

/** Bytes of memory that a process holds; 0 if the system does not report it. */
async function memoryOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 'self'}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
