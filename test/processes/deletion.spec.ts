import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose, { type Connection } from 'mongoose';
import { connectionOptions } from '../../src/database/connection-options.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { expectError } from '../support/expectations.js';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { makeSharedStore, type SharedStore } from '../support/shared-store.js';
import { until } from '../support/until.js';

/** Well over the promised ten seconds, whose exact length on a quiet machine is not tested here. */
const ERASED_WITHIN_MS = 40_000;

let store: SharedStore;
let connection: Connection;
let services: [ServiceProcess, ServiceProcess, ServiceProcess];
beforeAll(async () => {
  store = await makeSharedStore();
  connection = await mongoose
    .createConnection(store.mongodbUri, connectionOptions(store.mongodbUri))
    .asPromise();
  const start = () => startProcess({ MONGODB_URI: store.mongodbUri, STORE_TIMEOUT_MS: '2000' });
  services = await Promise.all([start(), start(), start()]);
});
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop('SIGKILL')));
  await connection.close();
  await store.remove();
});

/** A session that each instance has seen with another length, so that most of them remember a stale tail. */
async function sessionThatAllRemember(): Promise<string> {
  const sessionId = await createSession(services[0].client);
  for (const { client } of services) {
    for (const answer of await Promise.all(upTo(5).map(() => client.append(sessionId, anEvent())))) {
      expect(answer.status).toBe(201);
    }
  }
  return sessionId;
}

/** Waits until nothing is left of a log, neither events nor the closing mark. */
async function untilErased(sessionId: string): Promise<void> {
  const events = connection.collection('events');
  await until(async () => (await events.countDocuments({ sessionId })) === 0, ERASED_WITHIN_MS);
}

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
