import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventSource } from 'eventsource';
import { pathOf, type ServiceClient } from '../support/client.js';
import { openStream } from '../support/event-stream.js';
import { freePort } from '../support/ports.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';
import { until } from '../support/until.js';

let store: SharedStore;
let services: [ServiceProcess, ServiceProcess, ServiceProcess];
beforeAll(async () => {
  store = await makeSharedStore();
  const start = () => startProcess({ MONGODB_URI: store.mongodbUri });
  services = await Promise.all([start(), start(), start()]);
});
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await store.remove();
});

/** Sends `count` requests, each to the next instance in turn. */
function spread<T>(count: number, request: (client: ServiceClient, n: number) => Promise<T>): Promise<T[]> {
  return Promise.all(upTo(count).map((n) => request(clientOf(n), n)));
}

function clientOf(n: number): ServiceClient {
  const service = services[n % services.length];
  if (!service) throw new Error('No instance is running');
  return service.client;
}

describe('three instances on one store', () => {
  it('store an event once, give others dense sequences, end once, and answer the same', async () => {
    const sessionId = await createSession(clientOf(0));
    const shared = anEvent();

    const [same, others] = await Promise.all([
      spread(100, (client) => client.append(sessionId, shared)),
      spread(200, (client) => client.append(sessionId, anEvent())),
    ]);

    expect(same.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(same.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(99);
    expect(new Set(same.map(({ text }) => text)).size).toBe(1);
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set([201]));
    const sequences = [same[0], ...others].map((answer) => answer?.body.sequence ?? 0);
    expect(sequences.sort((a, b) => a - b)).toEqual(upTo(201));

    const ends = await spread(30, (client, n) =>
      client.complete(sessionId, { status: n % 2 ? 'completed' : 'failed' }),
    );
    expect(ends.filter(({ headers }) => !('idempotent-replayed' in headers))).toHaveLength(1);
    expect(new Set(ends.map(({ text }) => text)).size).toBe(1);
    expect(ends[0]?.body.finalSequence).toBe(201);

    for (const query of [
      { sort: 'sequence', limit: 100, page: 2 },
      { order: 'desc' },
      { type: 'user_speech' },
    ]) {
      const reads = await spread(3, (client) => client.read(sessionId, query));
      expect(new Set(reads.map(({ text }) => text)).size).toBe(1);
    }
  });

  it('show, count and end what the others have stored since they looked, and nothing that is deleted', async () => {
    const sessionId = await createSession(clientOf(0));
    const reads = () => spread(3, (client) => client.read(sessionId, { limit: 1 }));
    for (const n of upTo(6)) {
      await clientOf(n).append(sessionId, anEvent());
      expect((await reads()).map(({ body }) => body.pagination.total)).toEqual([n, n, n]);
    }
    await clientOf(1).append(sessionId, anEvent());
    expect((await clientOf(0).complete(sessionId)).body.finalSequence).toBe(7);
    await clientOf(2).delete(sessionId);
    expect((await reads()).map(({ status }) => status)).toEqual([410, 410, 410]);
  });
});

describe('a follower', () => {
  it('receives what another instance stored, and the end of the session', async () => {
    const sessionId = await createSession(clientOf(0));
    const streams = await Promise.all(upTo(20).map((n) => openStream(clientOf(n).origin, sessionId)));
    const waiting = clientOf(1).listEvents(sessionId, { wait: 30 });

    await clientOf(0).append(sessionId, anEvent());
    for (const stream of streams) await stream.until(() => stream.sequences().length === 1);
    expect((await waiting).body.events).toHaveLength(1);

    const { body: ended } = await clientOf(2).complete(sessionId);
    expect(await Promise.all(streams.map((stream) => stream.ended()))).not.toContain(false);
    for (const { blocks } of streams) expect(JSON.parse(blocks.at(-1)?.data ?? '')).toEqual(ended);
  });

  it('that is an EventSource receives every event once and in order though its instance is killed, and stops at the end', async () => {
    const port = String(await freePort());
    const start = () => startProcess({ MONGODB_URI: store.mongodbUri, PORT: port });
    let followed = await start();
    const sessionId = await createSession(clientOf(2));
    const source = new EventSource(`http://127.0.0.1:${port}${pathOf(sessionId)}/events/stream`);
    const seen: number[] = [];
    source.addEventListener('event', ({ lastEventId }) => seen.push(Number(lastEventId)));
    const append = async (last: number) => {
      for (const event of upTo(20).map(() => anEvent()))
        await until(async () => (await clientOf(2).append(sessionId, event)).status < 300, 60_000);
      await until(() => seen.at(-1) === last, 60_000);
    };
    await append(20);
    await followed.stop('SIGKILL');
    followed = await start();
    await append(40);
    await clientOf(2).complete(sessionId);

    await until(() => source.readyState === source.CLOSED, 60_000);
    expect(seen).toEqual(upTo(40));
    await followed.stop();
  });

  // The last test: no instance is left.
  it('is disconnected cleanly by an instance that stops', async () => {
    const sessionId = await createSession(clientOf(2));
    const streams = await Promise.all(upTo(5).map(() => openStream(clientOf(2).origin, sessionId)));
    const waiting = clientOf(2).listEvents(sessionId, { wait: 30 });
    while ((await clientOf(2).metric('conversation_followers')) !== 6);

    services[2].signal('SIGTERM');

    expect(await Promise.all(streams.map((stream) => stream.ended()))).not.toContain(false);
    expect(await waiting).toMatchObject({ status: 200, body: { events: [] } });
    expect(await services[2].ended).toMatchObject({ code: 0 });
  });
});
