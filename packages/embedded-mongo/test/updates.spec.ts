import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { bsonValue } from './support/bson-values.js';
import { openStore } from './support/open-store.js';

const { Binary, BSON, Decimal128, Double, Int32, Long } = mongoose.mongo;

let store: Awaited<ReturnType<typeof openStore>>;
let collection: mongoose.mongo.Collection<Record<string, unknown>>;

beforeAll(async () => {
  store = await openStore();
  collection = store.db.collection('updates');
});
afterAll(() => store.close());

type Document = Record<string, unknown>;

async function updated(before: Document, update: Document) {
  await collection.deleteMany({});
  await collection.insertOne({ _id: 1 as never, ...before });
  await collection.updateOne({ _id: 1 as never }, update);
  const { _id, ...after } = (await collection.findOne({}, { promoteValues: false })) as Document;
  expect(Number(_id)).toBe(1);
  return plain(after);
}

/** Int32 and Double as { int } and { double }, to show the type. */
function plain(value: unknown): unknown {
  if (value instanceof Int32) return { int: value.valueOf() };
  if (value instanceof Double) return { double: value.valueOf() };
  if (value instanceof Long) return { long: value.toString() };
  if (Array.isArray(value)) return value.map(plain);
  if (
    Object.prototype.toString.call(value) === '[object Object]' &&
    (value as Document)['_bsontype'] === undefined
  ) {
    return Object.fromEntries(Object.entries(value as Document).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}

const int = (n: number) => ({ int: n });

describe('update operators', () => {
  it.each<[name: string, before: Document, update: Document, after: unknown]>([
    [
      '$set makes the documents on the way',
      { a: 1 },
      { $set: { 'b.c.d': 'x' } },
      { a: int(1), b: { c: { d: 'x' } } },
    ],
    [
      '$set adds new fields in the order of their names',
      {},
      { $set: { c: 1, a: 2 } },
      { a: int(2), c: int(1) },
    ],
    ['$setOnInsert does nothing to what is there', { a: 1 }, { $setOnInsert: { a: 2 } }, { a: int(1) }],
  ])('%s', async (_, before, update, after) => {
    const result = await updated(before, update);
    expect(result).toEqual(after);
    expect(Object.keys(result as Document)).toEqual(Object.keys(after as Document));
  });

  it.each<[update: Document, code: number]>([
    [{ $inc: { n: 1 } }, 9],
    [{ $push: { n: 1 } }, 9],
    [{ $set: { n: 1, 'n.a': 2 } }, 40],
    [{ $set: { 'n.a': 1 } }, 28],
    [{ $set: { _id: 2 } }, 66],
    [{ $nonsense: { a: 1 } }, 9],
    [{ $set: { '': 1 } }, 56],
    [{ $set: { 'n-a': 1, 'n.a': 2, n: 3 } }, 40],
    [{ $set: { 'a.$.b': 1 } }, 238],
    [{ $set: { 'l.0': 1 } }, 238],
  ])('%j is refused with code %i', async (update, code) => {
    await collection.deleteMany({});
    await collection.insertOne({ _id: 1 as never, s: 'x', n: 1, l: [0] });
    await expect(collection.updateOne({}, update)).rejects.toMatchObject({ code });
    expect(await collection.findOne()).toEqual({ _id: 1, s: 'x', n: 1, l: [0] });
  });

  it('builds an upsert from the equalities of the filter and the update', async () => {
    await collection.deleteMany({});
    const filter = { a: 1, 'b.c': { $eq: 'x' }, d: { $gt: 5 }, $and: [{ e: 2 }] };
    const { upsertedId } = await collection.updateOne(
      filter,
      { $set: { f: 1 }, $setOnInsert: { g: 2 } },
      { upsert: true },
    );
    expect(await collection.findOne()).toEqual({ _id: upsertedId, a: 1, b: { c: 'x' }, e: 2, f: 1, g: 2 });
  });

  it('replaces a document but not its _id', async () => {
    await collection.deleteMany({});
    await collection.insertOne({ _id: 1 as never, a: 1 });
    await collection.replaceOne({ a: 1 }, { b: 2 });
    expect(await collection.findOne()).toEqual({ _id: 1, b: 2 });
    await expect(collection.replaceOne({ b: 2 }, { _id: 2 })).rejects.toMatchObject({ code: 66 });
  });
});

describe('documents', () => {
  const options = { promoteValues: false, promoteBuffers: false, bsonRegExp: true, useBigInt64: false };

  it('come back byte for byte, and an update changes only the fields it names', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bsonValue, { maxLength: 5 }), bsonValue, async (values, set) => {
        await collection.deleteMany({});
        const document = {
          _id: 'x' as never,
          z: values,
          '10': 'ten',
          '2': { b: values[0] ?? null, a: values[1] ?? null },
        };
        await collection.insertOne(document);
        const stored = (await collection.findOne({}, options)) as Document;
        expect(BSON.serialize(stored)).toEqual(BSON.serialize(document));
        await collection.updateOne({}, { $set: { added: set } });
        const { added, ...rest } = (await collection.findOne({}, options)) as Document;
        expect(BSON.serialize(rest)).toEqual(BSON.serialize(stored));
        expect(BSON.serialize({ added })).toEqual(BSON.serialize({ added: set }));
      }),
      { numRuns: 200 },
    );
  });

  it('keep types that drivers hide', async () => {
    const document = {
      i: new Int32(1),
      d: new Double(1),
      l: Long.fromNumber(1),
      x: Decimal128.fromString('1.0'),
      b: new Binary(Buffer.from('x'), 128),
    };
    await collection.deleteMany({});
    await collection.insertOne({ ...document });
    await collection.updateOne({}, { $set: { n: 1 } });
    expect(await collection.findOne(document)).not.toBeNull();
    const stored = (await collection.findOne({}, options)) as Document;
    expect(stored['i']).toBeInstanceOf(Int32);
    expect(stored['d']).toBeInstanceOf(Double);
    expect(stored['l']).toBeInstanceOf(Long);
    expect(stored['x']).toBeInstanceOf(Decimal128);
    expect(stored['b']).toBeInstanceOf(Binary);
  });
});
