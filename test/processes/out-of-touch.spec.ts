import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { openStream } from '../support/event-stream.js';
import { expectError } from '../support/expectations.js';
import { freePort } from '../support/ports.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { anEvent, appendAll, aSession, createSession } from '../support/samples.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';
import { withDatabase } from '../support/store.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

/** The day for which places of a deleted session stay in its log, and how often instances look for what is older. */
const [DAY_MS, SWEEP_MS] = [12_000, 500];

/** Longer than any time-out of the instance that is out of touch. */
const [STORE_TIMEOUT_MS, OUT_OF_TOUCH_MS] = [1000, 5000];

let store: SharedStore;
let database: mongoose.mongo.MongoClient;
let wire: TcpProxy;
let away: ServiceProcess;
let other: ServiceProcess;
beforeAll(async () => {
  store = await makeSharedStore();
  const isNamed = new URL(store.mongodbUri).pathname.length > 1;
  const uri = isNamed ? store.mongodbUri : withDatabase(store.mongodbUri, 'out_of_touch');
  database = await mongoose.mongo.MongoClient.connect(uri);
  const { hostname, port } = new URL(uri);
  wire = new TcpProxy(await freePort(), { host: hostname, port: Number(port) });
  await wire.listen();
  const settings = { ERASE_AFTER_MS: String(DAY_MS), ERASE_SWEEP_MS: String(SWEEP_MS) };
  const behind = new URL(uri);
  behind.host = `127.0.0.1:${wire.port}`;
  behind.searchParams.set('directConnection', 'true');
  away = await startProcess({
    ...settings,
    MONGODB_URI: behind.href,
    STORE_TIMEOUT_MS: String(STORE_TIMEOUT_MS),
  });
  other = await startProcess({ ...settings, MONGODB_URI: uri });
});
afterAll(async () => {
  await away.stop();
  await other.stop();
  await wire.close();
  await database.close();
  await store.remove();
});

/** The documents of a session's log. */
function logOf(sessionId: string): Promise<object[]> {
  return database.db().collection('events').find({ sessionId }).toArray();
}

/** Expects that a log has places, and no content. */
async function expectOnlyPlaces(sessionId: string): Promise<void> {
  const places = await logOf(sessionId);
  expect(places.length).toBeGreaterThan(1);
  for (const place of places) {
    expect(place).toMatchObject({ closed: true });
    for (const field of ['payload', 'type', 'timestamp', 'receivedAt'])
      expect(place).not.toHaveProperty(field);
  }
}

type Send = () => Promise<{ status: number }>;

/** How an instance gets out of touch with its store in the middle of a request, and how it is in touch again. */
const WAYS: Readonly<
  Record<string, { leaveDuring: (send: Send) => ReturnType<Send>; comeBack: () => void }>
> = {
  'whose network delivers late what it sent': {
    leaveDuring: (send) => {
      wire.set('hold');
      return send();
    },
    comeBack: () => {
      wire.set('pass');
    },
  },
  'that is suspended': {
    leaveDuring: (send) => {
      setTimeout(() => {
        away.signal('SIGSTOP');
      }, 2);
      return send();
    },
    comeBack: () => {
      away.signal('SIGCONT');
    },
  },
};

describe.each(Object.entries(WAYS))('an instance %s', (_name, { leaveDuring, comeBack }) => {
  let sessionId: string;
  beforeEach(async () => {
    await until(async () => (await away.client.send({ path: '/health/ready' })).status === 200, 30_000);
    sessionId = await createSession(away.client);
    await appendAll(away.client, sessionId, [anEvent()]);
  });

  it('leaves nothing in a session that was deleted meanwhile, and ends its streams', async () => {
    const stream = await openStream(away.client.origin, sessionId);
    await stream.until((blocks) => blocks.some(({ event }) => event === 'event'));
    const events = [anEvent(), anEvent()];
    const underWay = leaveDuring(() => away.client.appendBatch(sessionId, events));
    await sleep(OUT_OF_TOUCH_MS / 2);
    expect((await other.client.delete(sessionId)).status).toBe(204);
    await expectOnlyPlaces(sessionId);
    await sleep(OUT_OF_TOUCH_MS / 2);
    comeBack();

    expect([201, 410, 503]).toContain((await underWay).status); // it may have been done before
    await stream.ended();
    await until(async () => (await away.client.send({ path: '/health/ready' })).status === 200, 30_000);
    expectError(await away.client.append(sessionId, anEvent()), 'SESSION_DELETED');
    expectError(await away.client.appendBatch(sessionId, events), 'SESSION_DELETED');
    expectError(await away.client.create(aSession({ sessionId })), 'SESSION_DELETED');
    expect((await openStream(away.client.origin, sessionId)).status).toBe(410);
    await expectOnlyPlaces(sessionId);
    await until(async () => (await logOf(sessionId)).length === 0, 2 * DAY_MS);
    expectError(await away.client.append(sessionId, anEvent()), 'SESSION_DELETED');
  });
});
