import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { openStore } from './support/open-store.js';

let store: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  store = await openStore({ listen: { host: '127.0.0.1', port: 0 } });
});
afterAll(() => store.close());

type Answer = Record<string, unknown>;

/** The reply, or the code and name of the error. */
async function answerTo(database: string, command: Answer): Promise<Answer> {
  try {
    return await store.client.db(database).command(command);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError)) throw error;
    return { code: error.code, codeName: error.codeName };
  }
}

const UNKNOWN = { code: 59, codeName: 'CommandNotFound' };

/** The commands of mongosh to an unknown server, recorded from mongosh 2.12. */
describe('mongosh', () => {
  it('learns when it connects what the store is', async () => {
    const client = {
      application: { name: 'mongosh 2.12.0' },
      driver: { name: 'nodejs|mongosh', version: '7.9.0|2.12.0' },
      platform: 'Node.js v20.20.2, LE',
      os: { name: 'linux', architecture: 'x64', version: '6.1', type: 'Linux' },
      env: { container: { runtime: 'docker' } },
    };
    const hello = { ismaster: 1, backpressure: '2', helloOk: true, client, compression: ['none'] };
    expect(await answerTo('admin', hello)).toMatchObject({ ismaster: true, helloOk: true, ok: 1 });
    expect(await answerTo('test', { hello: 1 })).toMatchObject({ isWritablePrimary: true, ok: 1 });
    expect(await answerTo('admin', hello)).not.toHaveProperty('setName');
  });

  it.each<[Answer, Answer]>([
    [{ ping: 1 }, { ok: 1 }],
    [{ buildInfo: 1 }, { version: '7.0.0', bits: 64, ok: 1 }],
    [{ connectionStatus: 1, showPrivileges: false }, { ok: 1 }],
    [
      { getParameter: 1, featureCompatibilityVersion: 1 },
      { featureCompatibilityVersion: { version: '7.0' }, ok: 1 },
    ],
    [{ getParameter: 'foo' }, { code: 72, codeName: 'InvalidOptions' }],
    [
      { listDatabases: 1, nameOnly: true },
      { databases: [], ok: 1 },
    ],
    [
      {
        aggregate: 'atlascli',
        pipeline: [
          { $match: { managedClusterType: 'atlasCliLocalDevCluster' } },
          { $group: { _id: 1, n: { $sum: 1 } } },
        ],
        cursor: {},
      },
      { cursor: { firstBatch: [] }, ok: 1 },
    ],
    [{ serverStatus: 1 }, UNKNOWN],
    [{ atlasVersion: 1 }, UNKNOWN],
    [{ getLog: 'startupWarnings' }, UNKNOWN],
    [{ getCmdLineOpts: 1 }, UNKNOWN],
    [{ hostInfo: 1 }, UNKNOWN],
    [{ usersInfo: 1 }, UNKNOWN],
    [{ replSetGetStatus: 1 }, UNKNOWN],
  ])(
    'asks the admin database %j, and is answered or told that there is no such command',
    async (command, answer) => {
      expect(await answerTo('admin', command)).toMatchObject(answer);
    },
  );

  it('shows databases and collections, and finds, counts, inserts and updates', async () => {
    const things = store.client.db('shop').collection<{ _id: number; k: string; n: number }>('things');
    await things.insertMany([
      { _id: 1, k: 'a', n: 1 },
      { _id: 2, k: 'a', n: 2 },
      { _id: 3, k: 'b', n: 5 },
    ]);
    await things.createIndexes([{ key: { k: 1, n: 1 }, unique: true }]);

    expect(await answerTo('admin', { listDatabases: 1 })).toMatchObject({ databases: [{ name: 'shop' }] });
    const list = { listCollections: 1, filter: {}, cursor: {}, nameOnly: true, authorizedCollections: false };
    expect(await answerTo('shop', list)).toMatchObject({
      cursor: { firstBatch: [{ name: 'things', type: 'collection' }] },
    });
    expect(await things.find({ k: 'a' }).sort({ n: -1 }).toArray()).toMatchObject([{ n: 2 }, { n: 1 }]);
    expect(await things.countDocuments({ k: 'a' })).toBe(2);
    expect(await things.updateMany({ k: 'a' }, { $set: { done: true } })).toMatchObject({ modifiedCount: 2 });
    await expect(things.insertOne({ _id: 4, k: 'b', n: 5 })).rejects.toMatchObject({
      code: 11000,
      message: 'E11000 duplicate key error collection: shop.things index: k_1_n_1 dup key: { k: "b", n: 5 }',
    });
  });

  it('ends its sessions without waiting for a reply', async () => {
    const id = new mongoose.mongo.UUID();
    await store.client.db('admin').command({ endSessions: [{ id }], writeConcern: { w: 0 } });
    expect(await answerTo('admin', { ping: 1 })).toMatchObject({ ok: 1 });
  });
});
