import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedMongo } from 'embedded-mongo';
import { pathOf } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { freePort } from '../support/ports.js';
import { startProcess, type ServiceProcess } from '../support/processes.js';
import { aSession, anEvent, newId } from '../support/samples.js';

let path: string;
let port: number;
let store: EmbeddedMongo | undefined;
let service: ServiceProcess;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'css-away-'));
  port = await freePort();
  service = await startProcess({ MONGODB_URI: `mongodb://127.0.0.1:${port}/away`, STORE_TIMEOUT_MS: '2000' });
});
afterAll(async () => {
  await service.stop();
  await store?.close();
  await rm(path, { recursive: true, force: true });
});

async function startStore(): Promise<void> {
  store = await EmbeddedMongo.open({ path, listen: { host: '127.0.0.1', port } });
}

/** Waits until the service reports that it is ready. */
async function untilReady(): Promise<void> {
  while ((await service.client.send({ path: '/health/ready' })).status !== 200) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function expectAway(): Promise<void> {
  const path = pathOf('any');
  const answers = await Promise.all([
    service.client.create(aSession()),
    service.client.send({ path }),
    service.client.post(`${path}/events`, anEvent()),
    service.client.post(`${path}/complete`, {}),
    service.client.send({ path: '/health/ready' }),
  ]);

  for (const answer of answers) expectError(answer, 'STORE_UNAVAILABLE');
  expect((await service.client.send({ path: '/health/live' })).status).toBe(200);
}

// Each test continues from the state that the one before has left.
describe('an unreachable store', () => {
  const sessionId = newId();

  it('does not keep the service from starting: it is alive, not ready, and answers 503', async () => {
    await expectAway();
  });

  it('is used as soon as it is reachable, without a restart', async () => {
    await startStore();
    await untilReady();

    expect((await service.client.create(aSession({ sessionId }))).status).toBe(201);
    expect((await service.client.append(sessionId, anEvent())).status).toBe(201);
  });
});
