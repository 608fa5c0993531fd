import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aSession, newId } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { makeSharedStore } from '../support/shared-store.js';
import { until } from '../support/until.js';

// A store as an earlier version left it: without a stamp, and with sessions that could be filtered by texts only.
let store: Awaited<ReturnType<typeof makeSharedStore>>;
let service: TestService;
const [text, number, flag] = [newId(), newId(), newId()];
beforeAll(async () => {
  store = await makeSharedStore();
  const before = await startService({ MONGODB_URI: store.mongodbUri });
  for (const [sessionId, queue] of [
    [text, '42'],
    [number, 42],
    [flag, true],
  ] as const)
    await before.client.create(aSession({ sessionId, metadata: { queue } }));
  const sessions = before.connection.collection('sessions');
  await sessions.updateMany({ sessionId: { $in: [number, flag] } }, { $set: { filterable: {} } });
  await before.connection.collection<{ _id: string }>('meta').deleteOne({ _id: 'format' });
  await before.close();
  service = await startService({ MONGODB_URI: store.mongodbUri });
});
afterAll(async () => {
  await service.close();
  await store.remove();
});

const found = async (queue: string) =>
  (await service.client.list({ 'metadata.queue': queue })).body.sessions.map(({ sessionId }) => sessionId);

it('finds sessions of an earlier version by numbers and booleans, once they are brought up to date', async () => {
  await until(async () => (await found('42')).length === 2, 60_000);

  expect((await found('42')).sort()).toEqual([number, text].sort());
  await until(async () => (await found('true')).length === 1, 60_000);
});
