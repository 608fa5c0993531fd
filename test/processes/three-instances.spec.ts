import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { connectionOptions } from '../../src/database/connection-options.js';
import { type ServiceClient } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { aSession, anEvent, createSession, upTo } from '../support/samples.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';
import { until } from '../support/until.js';

/** Less than in other tests, since a deletion waits twice as long before it erases. */
const STORE_TIMEOUT_MS = '8000';
/** Well over the seconds promised, whose exact number on a quiet machine is not tested here. */
const ERASED_WITHIN_MS = 60_000;

let store: SharedStore;
let services: [ServiceProcess, ServiceProcess, ServiceProcess];
beforeAll(async () => {
  store = await makeSharedStore();
  const start = () => startProcess({ MONGODB_URI: store.mongodbUri, STORE_TIMEOUT_MS });
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

/** A session that each instance has seen with another length, so that most of them remember a stale tail. */
async function sessionThatAllRemember(): Promise<string> {
  const sessionId = await createSession(clientOf(0));
  for (const { client } of services) {
    for (const answer of await Promise.all(upTo(5).map(() => client.append(sessionId, anEvent())))) {
      expect(answer.status).toBe(201);
    }
  }
  return sessionId;
}

/** Waits until nothing is left of a log, neither events nor the closing mark. */
async function untilErased(sessionId: string): Promise<void> {
  const { mongodbUri } = store;
  const connection = await mongoose.createConnection(mongodbUri, connectionOptions(mongodbUri)).asPromise();
  try {
    const events = connection.collection('events');
    await until(async () => (await events.find({ sessionId }).toArray()).length === 0, ERASED_WITHIN_MS);
  } finally {
    await connection.close();
  }
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

  it('keep all of 150 concurrent patches of different keys', async () => {
    const sessionId = await createSession(clientOf(0), { metadata: {} });

    const answers = await spread(150, (client, n) =>
      client.patch(sessionId, { metadata: { [`k${n}`]: n, shared: { [n]: n } } }),
    );

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { metadata } = (await clientOf(1).read(sessionId)).body;
    const all = upTo(150).map((n): [string, unknown] => [`k${n}`, n]);
    expect(metadata).toEqual({
      ...Object.fromEntries(all),
      shared: Object.fromEntries(upTo(150).map((n) => [n, n])),
    });
  });

  it('list the same sessions, with each other’s cursors', async () => {
    const startedAt = '2001-02-03T04:05:06.000Z';
    const ids = await spread(20, (client) => createSession(client, { startedAt }));

    const shown: string[] = [];
    let cursor: string | null = null;
    for (let step = 0; step === 0 || cursor !== null; step++) {
      const query = {
        limit: 3,
        order: 'asc',
        to: '2001-12-31T00:00:00Z',
        ...(cursor !== null && { cursor }),
      };
      const { body } = await clientOf(step).list(query);
      shown.push(...body.sessions.map((session) => session.sessionId));
      cursor = body.pagination.nextCursor;
    }

    expect(shown).toEqual(ids.sort());
  });

  it('store concurrent batches, each in order and without a gap, and events in several batches once', async () => {
    const sessionId = await createSession(clientOf(0));
    const shared = upTo(5).map((n) => anEvent({ eventId: `shared-${n}` }));

    const answers = await spread(30, (client, n) =>
      client.appendBatch(sessionId, [...upTo(7).map((k) => anEvent({ eventId: `${n}-${k}` })), ...shared]),
    );

    const firsts = answers.flatMap(({ body }) => body.results.filter(({ status }) => status === 201));
    expect(firsts.map(({ event }) => event.sequence).sort((a, b) => a - b)).toEqual(upTo(30 * 7 + 5));
    for (const { body } of answers) {
      const own = body.results.filter(({ status }) => status === 201).map(({ event }) => event.sequence);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    const places = answers.map(({ body }) => body.results.slice(7).map(({ event }) => event.sequence));
    expect(new Set(places.map(String)).size).toBe(1);
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

// The last test: it kills one of them.
describe('a session deleted at one of three instances', () => {
  it('is deleted at all of them, even if that one dies with its response, and no other session is touched', async () => {
    const [first, second, third] = services;
    const [sessionId, other] = [await sessionThatAllRemember(), await sessionThatAllRemember()];
    const early = anEvent();
    expect((await second.client.append(sessionId, early)).status).toBe(201);

    expect((await first.client.delete(sessionId)).status).toBe(204);
    first.signal('SIGKILL');

    for (const { client } of [second, third]) {
      expectError(await client.append(sessionId, anEvent()), 'SESSION_DELETED');
      expectError(await client.append(sessionId, early), 'SESSION_DELETED');
      expectError(await client.read(sessionId), 'SESSION_DELETED');
      expectError(await client.complete(sessionId), 'SESSION_DELETED');
    }
    await untilErased(sessionId);
    for (const { client } of [second, third]) {
      expectError(await client.append(sessionId, anEvent()), 'SESSION_DELETED');
      expectError(await client.append(sessionId, early), 'SESSION_DELETED');
      expect((await client.append(other, anEvent())).status).toBe(201);
    }
    await untilErased(sessionId); // if two instances continue for the third, one may close the log after the other has erased it
    expect((await second.client.read(other)).body.pagination.total).toBe(17);
  });
});
