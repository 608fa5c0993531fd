import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventSource } from 'eventsource';
import { startBalancer } from '../support/balancer.js';
import { pathOf, type ServiceClient } from '../support/client.js';
import { openStream } from '../support/event-stream.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { aSession, anEvent, createSession, upTo } from '../support/samples.js';
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
  it('create a session once among 100 concurrent identical requests', async () => {
    const body = aSession();

    const answers = await spread(100, (client) => client.create(body));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(99);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('store an event once among 100 concurrent identical requests', async () => {
    const sessionId = await createSession(clientOf(0));
    const event = anEvent();

    const answers = await spread(100, (client) => client.append(sessionId, event));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(99);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await clientOf(1).read(sessionId)).body.pagination.total).toBe(1);
  });

  it('give 300 concurrent events the sequences 1 to 300, end once, and return the same', async () => {
    const sessionId = await createSession(clientOf(0));

    const answers = await spread(300, (client) => client.append(sessionId, anEvent()));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(answers.map(({ body }) => body.sequence).sort((a, b) => a - b)).toEqual(upTo(300));

    const ends = await spread(30, (client, n) =>
      client.complete(sessionId, { status: n % 2 ? 'completed' : 'failed' }),
    );
    expect(ends.filter(({ headers }) => !('idempotent-replayed' in headers))).toHaveLength(1);
    expect(new Set(ends.map(({ text }) => text)).size).toBe(1);
    expect(ends[0]?.body.finalSequence).toBe(300);

    for (const query of [
      { sort: 'sequence', limit: 100, page: 2 },
      { order: 'desc' },
      { type: 'user_speech' },
    ]) {
      const reads = await spread(3, (client) => client.read(sessionId, query));
      expect(new Set(reads.map(({ text }) => text)).size).toBe(1);
    }
  });

  it('read on with each other’s cursors', async () => {
    const sessionId = await createSession(clientOf(0));
    await spread(50, (client) => client.append(sessionId, anEvent()));

    const shown: number[] = [];
    let cursor: string | null = null;
    for (let step = 0; step === 0 || cursor !== null; step++) {
      const query = cursor === null ? { limit: 7, sort: 'sequence' } : { limit: 7, cursor };
      const { body } = await clientOf(step).read(sessionId, query);
      shown.push(...body.events.map(({ sequence }) => sequence));
      cursor = body.pagination.nextCursor;
    }

    expect(shown).toEqual(upTo(50));
  });

  it('see at once what another one has acknowledged', async () => {
    const sessionId = await createSession(clientOf(0));

    for (let n = 1; n <= 12; n++) {
      await clientOf(n).append(sessionId, anEvent());
      const { body } = await clientOf(n + 1).read(sessionId);
      expect(body.pagination.total).toBe(n);
    }
    const { body: ended } = await clientOf(1).complete(sessionId);
    expect((await clientOf(2).read(sessionId)).body).toMatchObject(ended);
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

  it('that is an EventSource receives every event once and in order while instances end, and stops at the end', async () => {
    const sessionId = await createSession(clientOf(2));
    const balancer = await startBalancer(services.map(({ client }) => Number(new URL(client.origin).port)));
    const sources = upTo(4).map(
      () => new EventSource(`${balancer.origin}${pathOf(sessionId)}/events/stream`),
    );
    const seen = sources.map((source) => {
      const ids: number[] = [];
      source.addEventListener('event', ({ lastEventId }) => ids.push(Number(lastEventId)));
      return ids;
    });
    const append = async (count: number, last: number) => {
      for (let n = 0; n < count; n++) await clientOf(2).append(sessionId, anEvent());
      await until(() => seen.every((ids) => ids.at(-1) === last), 60_000);
    };
    await append(20, 20);
    balancer.cut();
    await append(20, 40);
    expect(await services[0].stop()).toMatchObject({ code: 0 });
    await append(20, 60);
    await services[1].stop('SIGKILL');
    await append(20, 80);
    await clientOf(2).complete(sessionId);

    await until(() => sources.every((source) => source.readyState === source.CLOSED), 60_000);
    for (const ids of seen) expect(ids).toEqual(upTo(80));
    await balancer.close();
  });

  // The last test: no instance is left.
  it('is disconnected cleanly by an instance that stops', async () => {
    const sessionId = await createSession(clientOf(2));
    const streams = await Promise.all(upTo(5).map(() => openStream(clientOf(2).origin, sessionId)));
    const waiting = clientOf(2).listEvents(sessionId, { wait: 30 });
    let metrics = '';
    while (!metrics.includes('conversation_followers 6\n'))
      metrics = (await clientOf(2).send({ path: '/metrics' })).text;

    services[2].signal('SIGTERM');

    expect(await Promise.all(streams.map((stream) => stream.ended()))).not.toContain(false);
    expect(await waiting).toMatchObject({ status: 200, body: { events: [] } });
    expect(await services[2].ended).toMatchObject({ code: 0 });
  });
});
