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
  expect(await c.countDocuments({ a: { $lt: 3 } })).toBe(2);
  expect(await c.estimatedDocumentCount()).toBe(3);
  expect(
    await c.findOneAndUpdate(
      { a: 9 },
      { $setOnInsert: { s: 'new' } },
      { upsert: true, returnDocument: 'after', projection: { _id: 0 } },
    ),
  ).toEqual({ a: 9, s: 'new' });
  expect(await c.updateMany({ a: { $in: [1, 2] } }, { $set: { 'n.m': 1 } })).toMatchObject({
    matchedCount: 2,
    modifiedCount: 2,
  });
  expect(
    await c.aggregate([{ $match: { a: { $gt: 3 } } }, { $sort: { a: 1 } }, { $limit: 1 }]).toArray(),
  ).toMatchObject([{ a: 9 }]);
  const many = Array.from({ length: 500 }, (_, i) => ({ a: 100 + i }));
  await c.insertMany(many);
  expect((await c.find({}, { batchSize: 7, sort: { a: 1 } }).toArray()).map(({ a }) => a)).toHaveLength(504);
  expect(await c.deleteMany({ a: { $gte: 100 } })).toMatchObject({ deletedCount: 500 });
  expect((await c.find({ a: 3, s: 'z' }).explain())['queryPlanner']).toMatchObject({
    winningPlan: { inputStage: { indexName: 'a_1_s_1' } },
  });
  expect(await c.listIndexes().toArray()).toHaveLength(2);
  expect((await store.db.listCollections().toArray()).map(({ name }) => name)).toEqual(['c']);
});

it('serves Mongoose', async () => {
  const connection = await mongoose.createConnection(store.mongo.uri, { dbName: 'goose' }).asPromise();
  const schema = new mongoose.Schema({
    key: { type: String, unique: true },
    at: Date,
    list: [String],
    meta: mongoose.Schema.Types.Mixed,
  });
  const Thing = connection.model('Thing', schema);
  await Thing.init();
  const results = await Promise.all(
    Array.from({ length: 50 }, () =>
      Thing.findOneAndUpdate(
        { key: 'k' },
        { $setOnInsert: { at: new Date(5) } },
        { upsert: true, returnDocument: 'after' },
      ).lean(),
    ),
  );
  expect(new Set(results.map((result) => String(result._id))).size).toBe(1);
  await Thing.create({ key: 'other', list: ['a', 'b'], meta: { x: { y: [1, null] } } });
  await expect(Thing.create({ key: 'other' })).rejects.toMatchObject({ code: 11000 });
  expect(await Thing.find({ list: 'b' }).lean()).toMatchObject([
    { key: 'other', meta: { x: { y: [1, null] } } },
  ]);
  await connection.close();
});
