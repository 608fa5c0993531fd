import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectError } from '../support/expectations.js';
import { type Answer } from '../support/http.js';
import { onStore, startProcess, type ServiceProcess } from '../support/processes.js';
import { anEvent, createSession, upTo } from '../support/samples.js';
import { makeStore, type TestStore } from '../support/store.js';

const MIB = 1024 * 1024;

// In a separate process, since the limits are read at the start.
let store: TestStore;
let service: ServiceProcess;
beforeAll(async () => {
  store = await makeStore();
  service = await startProcess({
    ...onStore(store),
    MAX_PAYLOAD_BYTES: String(4 * MIB),
    MAX_BODY_BYTES: String(8 * MIB),
    MAX_BATCH_BODY_BYTES: String(8 * MIB),
  });
});
afterAll(async () => {
  await service.stop();
  await store.remove();
});

/** JSON within the raised limits whose BSON exceeds the 16 MiB of a document. */
const json = `{"list":[${new Array<string>(2_000_000).fill('0').join()}]}`;

const statuses = (answers: readonly Answer[]) => [...new Set(answers.map(({ status }) => status))];

describe('what is too large for the store', () => {
  const event = `{"eventId":"large","type":"system","payload":${json}}`;

  it('is refused alone as an event: others in its session are stored', async () => {
    const sessionId = await createSession(service.client);
    const path = `/sessions/${sessionId}/events`;

    const [large, ...good] = await Promise.all([
      service.client.postText(path, event),
      ...upTo(120).map(() => service.client.append(sessionId, anEvent())),
    ]);

    expectError(large, 'VALIDATION_FAILED', 'payload');
    expect(large.text).toMatch(/\/payload is too large to be stored: \d+ bytes as BSON/);
    expect(statuses(good)).toEqual([201]);
  });
});
