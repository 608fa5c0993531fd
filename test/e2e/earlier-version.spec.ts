import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { aSession, createSessionWith, newId } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { makeSharedStore } from '../support/shared-store.js';
import { until } from '../support/until.js';

// A store as an earlier version left it: without a stamp, and with sessions that could be filtered by texts only.
let store: Awaited<ReturnType<typeof makeSharedStore>>;
let service: TestService;
const [text, number, flag] = [newId(), newId(), newId()];
beforeAll(async () => {
  store = await makeSharedStore();
  const before = await startService({ mongodbUri: store.mongodbUri });
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
  service = await startService({ mongodbUri: store.mongodbUri });
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

it('goes on with the cursors of an earlier version', async () => {
  const sessionId = await createSessionWith(service.client, 3);
  const sealed = (parts: unknown[]) => {
    const content = JSON.stringify(parts);
    const checksum = createHash('sha256').update(content).digest('base64url').slice(0, 8);
    return checksum + Buffer.from(content).toString('base64url');
  };
  const { body } = await service.client.read(sessionId, { limit: 1 });
  const [first] = body.events;
  const key = [Date.parse(first?.timestamp ?? ''), 1];
  const page = sealed([1, sessionId, 'timestamp', 'asc', [['user_speech'], null, null, null], key]);
  const log = sealed(['log-1', sessionId, [null, null], 2]);
  const list = sealed(['sessions:1', 'desc', [null, null, null, [['queue', '42']]], [8.64e15, 'z']]);

  const rest = await service.client.read(sessionId, { cursor: page });
  expect(rest.body.events.map(({ sequence }) => sequence)).toEqual([2, 3]);
  expect((await service.client.listEvents(sessionId, { cursor: log })).body.events).toHaveLength(1);
  expect((await service.client.list({ cursor: list })).body.sessions).toHaveLength(2);
});

it('is not opened by a version that would misread it', async () => {
  const meta = service.connection.collection<{ _id: string; version: number }>('meta');
  await until(async () => (await meta.findOne({ _id: 'format' })) !== null, 60_000);
  await meta.updateOne({ _id: 'format' }, { $set: { version: 1000 } });

  await expect(startService({ mongodbUri: store.mongodbUri })).rejects.toThrow(/newer version \(format 1000/);
});
