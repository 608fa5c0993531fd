import { afterAll, beforeAll, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { openStore } from './support/open-store.js';

let store: Awaited<ReturnType<typeof openStore>>;

beforeAll(async () => {
  store = await openStore();
});

afterAll(() => store.close());

it('serves what the driver sends', async () => {
  const c = store.db.collection<{ _id?: unknown; a: number; s?: string; n?: unknown }>('c');
  expect(await c.createIndex({ a: 1, s: 1 }, { unique: true }, {})).toBe('a_1_s_1');
  expect(await c.createIndex({ a: 1, s: 1 }, { unique: true }, {})).toBe('a_1_s_1');
  await c.insertMany([
    { a: 1, s: 'x' },
    { a: 2, s: 'y' },
    { a: 3, s: 'z' },
  ]);
  expect(await c.find({ a: { $gte: 2 } }, { sort: { a: -1 }, projection: { _id: 0 } }).toArray()).toEqual([
    { a: 3, s: 'z' },
    { a: 2, s: 'y' },
  ]);
  await expect(c.insertOne({ a: 1, s: 'x' })).rejects.toMatchObject({
    code: 11000,
    keyPattern: { a: 1, s: 1 },
    keyValue: { a: 1, s: 'x' },
    message: 'E11000 duplicate key error collection: test.c index: a_1_s_1 dup key: { a: 1, s: "x" }',
  });
  await expect(c.insertOne({ a: 4, s: 'x'.repeat(2000) })).rejects.toMatchObject({
    code: 17280,
    message: "The embedded store's index keys hold at most 1978 bytes.",
  });
  expect(await store.db.command({ count: 'c', query: { a: { $lt: 3 } } })).toMatchObject({ n: 2 });
  expect(await c.estimatedDocumentCount()).toBe(3);
  expect(
    await c.findOneAndUpdate(
      { a: 3, s: { $in: ['z'] } },
      { $set: { n: 1 }, $unset: { s: '' } },
      { returnDocument: 'after' },
    ),
  ).toEqual({ _id: expect.anything(), a: 3, n: 1 });
  const many = Array.from({ length: 500 }, (_, i) => ({ a: 100 + i }));
  await c.insertMany(many);
  expect((await c.find({}, { batchSize: 7, sort: { a: 1 } }).toArray()).map(({ a }) => a)).toHaveLength(503);
  expect(await c.deleteMany({ a: { $gte: 100 } })).toMatchObject({ deletedCount: 500 });
  expect(await c.listIndexes().toArray()).toHaveLength(2);
  expect((await store.db.listCollections().toArray()).map(({ name }) => name)).toEqual(['c']);
});

it('serves Mongoose', async () => {
  const connection = await mongoose
    .createConnection(store.mongo.uri, { dbName: 'goose', autoCreate: false })
    .asPromise();
  const schema = new mongoose.Schema({
    key: { type: String, unique: true },
    meta: mongoose.Schema.Types.Mixed,
  });
  const Thing = connection.model('Thing', schema);
  await Thing.createIndexes();
  const meta = { x: { y: [1, null] }, 'dotted.name': 2 };
  await Thing.create({ key: 'k', meta });
  await expect(Thing.create({ key: 'k' })).rejects.toMatchObject({ code: 11000, keyValue: { key: 'k' } });
  await expect(
    Thing.insertMany([{ key: 'k' }, { key: 'l' }], { ordered: false, throwOnValidationError: true }),
  ).rejects.toMatchObject({ result: { insertedCount: 1 }, writeErrors: [{ index: 0 }] });
  expect(await Thing.updateOne({ key: 'l' }, { meta: {} }).lean()).toMatchObject({ modifiedCount: 1 });
  expect(await Thing.find().sort({ key: 1 }).select({ _id: 0, key: 1, meta: 1 }).lean()).toEqual([
    { key: 'k', meta },
    { key: 'l', meta: {} },
  ]);
  await connection.close();
});
