import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import { startBalancer, type Balancer } from '../support/balancer.js';
import { pathOf, ServiceClient } from '../support/client.js';
import { openStream } from '../support/event-stream.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';
import { freePorts } from '../support/ports.js';

const INSTANCES = 3;
const CLIENTS_OF_EACH_KIND = 4;
const WRITERS = 3;
/** The number of events between two faults. */
const EVENTS_A_BLOW = 40;

let store: SharedStore;
let ports: string[];
let services: ServiceProcess[];
let balancer: Balancer;
beforeAll(async () => {
  store = await makeSharedStore();
  ports = await freePorts(INSTANCES);
  services = await Promise.all(ports.map(start));
  balancer = await startBalancer(ports.map(Number));
});
afterAll(async () => {
  await balancer.close();
  await Promise.all(services.map((service) => service.stop()));
  await store.remove();
});

function start(port: string): Promise<ServiceProcess> {
  return startProcess({ MONGODB_URI: store.mongodbUri, PORT: port });
}

function serviceAt(n: number): ServiceProcess {
  return services[n % INSTANCES] as ServiceProcess;
}

/** Kills an instance, and restarts it on the same port. */
async function restart(n: number): Promise<void> {
  await serviceAt(n).stop('SIGKILL');
  services[n % INSTANCES] = await start(ports[n % INSTANCES] as string);
}

/** Stops an instance in order, and leaves it so. */
async function stop(n: number): Promise<void> {
  expect(await serviceAt(n).stop()).toMatchObject({ code: 0 });
}

/** What a client received. */
interface Seen {
  readonly sequences: number[];
  readonly texts: unknown[];
  connections: number;
  ended: boolean;
  /** Whether the client stopped reconnecting because it was told that nothing more will come. */
  stopped: () => boolean;
}

function note(seen: Seen, name: string | undefined, id: string | undefined, data: string): void {
  if (name === 'session') seen.ended = true;
  if (name !== 'event') return;
  const event = JSON.parse(data) as { sequence: number; payload: { text: unknown } };
  expect(id).toBe(String(event.sequence));
  seen.sequences.push(event.sequence);
  seen.texts.push(event.payload.text);
}

function emptySeen(): Seen {
  return { sequences: [], texts: [], connections: 0, ended: false, stopped: () => false };
}

function byEventSource(url: string): Seen {
  const seen = emptySeen();
  const source = new EventSource(url);
  for (const name of ['event', 'session']) {
    source.addEventListener(name, ({ type, lastEventId, data }) => {
      note(seen, type, lastEventId, data as string);
    });
  }
  source.addEventListener('open', () => seen.connections++);
  seen.stopped = () => source.readyState === source.CLOSED;
  return seen;
}

function byEventSourceClient(url: string): Seen {
  const seen = emptySeen();
  const source = createEventSource({
    url,
    onConnect: () => seen.connections++,
    onMessage: ({ event, id, data }) => {
      note(seen, event, id, data);
    },
  });
  seen.stopped = () => source.readyState === 'closed';
  return seen;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe('a follower', () => {
  it('receives what another instance stored, and the end of the session', async () => {
    const sessionId = await createSession(serviceAt(0).client);
    const streams = await Promise.all(upTo(20).map((n) => openStream(serviceAt(n).client.origin, sessionId)));
    const waiting = serviceAt(1).client.listEvents(sessionId, { wait: 30 });

    await serviceAt(0).client.append(sessionId, anEvent());
    for (const stream of streams) await stream.until(() => stream.sequences().length === 1);
    expect((await waiting).body.events).toHaveLength(1);

    const { body: ended } = await serviceAt(2).client.complete(sessionId);
    expect(await Promise.all(streams.map((stream) => stream.ended()))).not.toContain(false);
    for (const { blocks } of streams) expect(JSON.parse(blocks.at(-1)?.data ?? '')).toEqual(ended);
  });
});

describe('real EventSource clients, through a balancer before three instances', () => {
  it('receive every event once and in order through kills, stops, restarts and broken connections, and stop at the end', async () => {
    const sessionId = await createSession(serviceAt(0).client);
    const url = `${balancer.origin}${pathOf(sessionId)}/events/stream`;
    const clients = [
      ...upTo(CLIENTS_OF_EACH_KIND).map(() => byEventSource(url)),
      ...upTo(CLIENTS_OF_EACH_KIND).map(() => byEventSourceClient(url)),
    ];
    let acknowledged = 0;
    let writing = true;

    /** Appends, singly and in batches, until it is told to stop; unacknowledged events are sent again. */
    const write = async (writer: number) => {
      const client = new ServiceClient(balancer.origin);
      for (let n = 1; writing; n++) {
        const texts = upTo(n % 4 === 0 ? 5 : 1).map((part) => `${writer}-${n}-${part}`);
        const events = texts.map((text) => anEvent({ eventId: text, payload: { text } }));
        for (let done = false; !done;) {
          const answer = await client.appendBatch(sessionId, events).catch(() => undefined);
          done = answer !== undefined && answer.status < 300;
          if (!done) await sleep(5);
        }
        acknowledged += events.length;
        await sleep(20); // a call has pauses
      }
      client.close();
    };
    const writers = upTo(WRITERS).map(write);
    const pause = () => {
      const enough = acknowledged + EVENTS_A_BLOW;
      return until(() => acknowledged >= enough);
    };

    const cut = () => {
      balancer.cut();
      return Promise.resolve();
    };
    // Of the two that leave at once, one comes back.
    for (const strike of [() => restart(0), cut, () => Promise.all([stop(1), restart(0)]), cut]) {
      await pause();
      await strike();
    }
    await pause();
    writing = false;
    await Promise.all(writers);
    const { body: ended } = await serviceAt(0).client.complete(sessionId);

    await until(() => clients.every((client) => client.ended && client.stopped()));
    const { body: last } = await serviceAt(2).client.read(sessionId, { order: 'desc', limit: 1 });
    expect(last.pagination.total).toBe(acknowledged);
    expect(ended.finalSequence).toBe(acknowledged);
    for (const { sequences, texts, connections } of clients) {
      expect(sequences).toEqual(upTo(acknowledged));
      expect(new Set(texts).size).toBe(acknowledged);
      expect(connections).toBeGreaterThan(1); // the faults had an effect
    }
  }, 180_000);
});

// The instances that are left; no test after this one has them.
describe('a follower at the end of an instance', () => {
  it.each([
    ['SIGTERM', 2],
    ['SIGINT', 0],
  ] as const)('is disconnected cleanly by an instance that gets %s', async (signal, n) => {
    const { client } = serviceAt(n);
    const sessionId = await createSession(client);
    const streams = await Promise.all(upTo(5).map(() => openStream(client.origin, sessionId)));
    const waiting = client.listEvents(sessionId, { wait: 30 });
    let metrics = '';
    while (!metrics.includes('conversation_followers 6\n'))
      metrics = (await client.send({ path: '/metrics' })).text;

    serviceAt(n).signal(signal);

    expect(await Promise.all(streams.map((stream) => stream.ended()))).not.toContain(false);
    expect(await waiting).toMatchObject({ status: 200, body: { events: [] } });
    expect(await serviceAt(n).ended).toMatchObject({ code: 0 });
  });
});
