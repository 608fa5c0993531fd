import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedMongo } from 'embedded-mongo';
import { TcpProxy, type Weather } from '../guarantees/faults/tcp-proxy.js';
import { freePort } from '../support/ports.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { anEvent, createSession, newId } from '../support/samples.js';
import { until } from '../support/until.js';

const STORE_TIMEOUT_MS = 1000;

const STRIKES = 6;

let path: string;
let store: EmbeddedMongo;
let wire: TcpProxy;
let service: ServiceProcess;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'css-wire-'));
  const port = await freePort();
  store = await EmbeddedMongo.open({ path, listen: { host: '127.0.0.1', port } });
  wire = new TcpProxy(await freePort(), { host: '127.0.0.1', port });
  await wire.listen();
  service = await startProcess({
    MONGODB_URI: `mongodb://127.0.0.1:${wire.port}/wire?directConnection=true`,
    STORE_TIMEOUT_MS: String(STORE_TIMEOUT_MS),
  });
});
afterAll(async () => {
  await service.stop();
  await wire.close();
  await store.close();
  await rm(path, { recursive: true });
});

/** Applies the faults of the proxy one after the other, `times` in all. */
async function strike(weathers: readonly Weather[], times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    wire.set(weathers[time % weathers.length] ?? 'pass');
    await sleep(20 + Math.random() * 200);
    wire.set('pass');
    await sleep(20 + Math.random() * 400);
  }
}

// The service must answer every request, lose nothing that it acknowledged, and recover by itself.
describe('the connection to the store', () => {
  it.each<[string, readonly Weather[]]>([
    ['is cut', ['cut']],
    ['stalls', ['stall']],
    ['loses answers half-way', ['lose-answers']],
    ['ends connections in order, as a store that is restarted does', ['end']],
    ['delays what it carries', ['delay']],
    ['repeats a part of what it carries', ['repeat']],
    ['does all of it in turn', ['cut', 'stall', 'lose-answers', 'end', 'delay', 'repeat']],
  ])('%s', async (_name, weathers) => {
    const sessionId = await createSession(service.client);
    const acknowledged = new Map<string, number>();
    const answered = new Set<number>();
    let isOver = false;
    const write = async () => {
      while (!isOver) {
        const eventId = newId();
        const { status, body } = await service.client.append(sessionId, anEvent({ eventId }));
        answered.add(status);
        if (status === 201) acknowledged.set(eventId, body.sequence);
        await sleep(10 * Math.random()); // so that a strike meets requests at every stage, and hardly ever none
      }
    };
    const writers = Array.from({ length: 8 }, write);
    await strike(weathers, STRIKES);
    isOver = true;
    await Promise.all(writers);
    expect([201, 503]).toEqual(expect.arrayContaining([...answered]));
    while ((await service.client.send({ path: '/health/ready' })).status !== 200) await sleep(50);

    const stored = new Map<string, number>();
    for (let page = 1, more = true; more; page++) {
      const { body } = await service.client.read(sessionId, { sort: 'sequence', limit: 100, page });
      for (const { eventId, sequence } of body.events) stored.set(eventId, sequence);
      more = body.pagination.hasMore;
    }
    expect([...stored.values()]).toEqual(Array.from(stored.values(), (_sequence, index) => index + 1));
    await until(async () => (await service.client.append(sessionId, anEvent())).status === 201, 20_000);
    expect([...acknowledged].filter(([eventId, sequence]) => stored.get(eventId) !== sequence)).toEqual([]);
  });
});

/** What a server that is not a MongoDB may send: after a wrong port in MONGODB_URI, or through a proxy that garbles. */
const NONSENSE = [
  Buffer.alloc(64),
  Buffer.from(Int32Array.of(1, 2, 3, 15).buffer),
  Buffer.from(Int32Array.of(2 ** 31 - 1).buffer),
  Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
];

describe('a server that is not a MongoDB', () => {
  it('may send anything: the service reports it, survives, and connects when the right one comes', async () => {
    const port = await freePort();
    let answers = 0;
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.write(NONSENSE[answers++ % NONSENSE.length] ?? ''));
    }).listen(port, '127.0.0.1');
    const misled = await startProcess({
      MONGODB_URI: `mongodb://127.0.0.1:${port}/wire?directConnection=true`,
      STORE_TIMEOUT_MS: String(STORE_TIMEOUT_MS),
    });
    const right = new TcpProxy(port, { host: '127.0.0.1', port: Number(new URL(store.uri).port) });
    try {
      await until(() => answers > NONSENSE.length, 30_000);
      await misled.wrote('The store is not available yet');
      expect((await misled.client.send({ path: '/health/live' })).status).toBe(200);
      expect((await misled.client.send({ path: '/health/ready' })).status).toBe(503);
      await new Promise((resolve) => server.close(resolve));
      await right.listen();
      await until(async () => (await misled.client.send({ path: '/health/ready' })).status === 200, 20_000);
    } finally {
      await misled.stop('SIGKILL');
      await right.close();
      server.close();
    }
  });
});
