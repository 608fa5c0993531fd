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

async function updated(
  before: Document,
  update: Document | Document[],
  options: Document = {},
  filter: Document = {},
) {
  await collection.deleteMany({});
  await collection.insertOne({ _id: 1 as never, ...before });
  await collection.updateOne({ _id: 1 as never, ...filter }, update, options);
  const { _id, ...after } = (await collection.findOne({}, { promoteValues: false })) as Document;
  expect(Number(_id)).toBe(1);
  return plain(after);
}

/** Int32 and Double as { int } and { double }, to see the type. */
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
  it.each<[name: string, before: Document, update: Document | Document[], after: unknown]>([
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
    [
      '$set lengthens an array with nulls',
      { a: [1] },
      { $set: { 'a.3': 2 } },
      { a: [int(1), null, null, int(2)] },
    ],
    [
      '$unset leaves a null in an array',
      { a: [1, 2], b: 1 },
      { $unset: { 'a.0': '', b: '' } },
      { a: [null, int(2)] },
    ],
    ['$inc of ints is an int', { a: 1 }, { $inc: { a: 2, b: 3 } }, { a: int(3), b: int(3) }],
    ['$inc grows an int into a long', { a: 2147483647 }, { $inc: { a: 1 } }, { a: { long: '2147483648' } }],
    [
      '$inc keeps a long exact',
      { a: Long.fromString('9007199254740993') },
      { $inc: { a: 2 } },
      { a: { long: '9007199254740995' } },
    ],
    ['$inc by a double is a double', { a: 1 }, { $inc: { a: 0.5 } }, { a: { double: 1.5 } }],
    ['$mul of a missing field is zero', { a: 3 }, { $mul: { a: 2, b: 5 } }, { a: int(6), b: int(0) }],
    [
      '$min and $max compare across types',
      { a: 5, b: 5 },
      { $min: { a: 3 }, $max: { b: 'x', c: 1 } },
      { a: int(3), b: 'x', c: int(1) },
    ],
    ['$rename moves a field', { a: 1, b: 2 }, { $rename: { a: 'c.d' } }, { b: int(2), c: { d: int(1) } }],
    [
      '$push appends',
      { a: [1] },
      { $push: { a: [2, 3], b: 1 } },
      { a: [int(1), [int(2), int(3)]], b: [int(1)] },
    ],
    [
      '$push with $each, $sort and $slice',
      { a: [3, 1] },
      { $push: { a: { $each: [2, 5], $sort: -1, $slice: 3 } } },
      { a: [int(5), int(3), int(2)] },
    ],
    [
      '$push with $position',
      { a: [1, 2] },
      { $push: { a: { $each: [9], $position: 1 } } },
      { a: [int(1), int(9), int(2)] },
    ],
    [
      '$push sorts documents by a field',
      { a: [{ n: 2 }] },
      { $push: { a: { $each: [{ n: 1 }], $sort: { n: 1 } } } },
      { a: [{ n: int(1) }, { n: int(2) }] },
    ],
    [
      '$addToSet knows equal values of other types',
      { a: [1, 'x'] },
      { $addToSet: { a: { $each: [new Double(1), 'x', 'y'] } } },
      { a: [int(1), 'x', 'y'] },
    ],
    [
      '$pull removes what matches',
      { a: [1, 5, 8], b: [{ k: 1 }, { k: 2 }] },
      { $pull: { a: { $gte: 5 }, b: { k: 1 } } },
      { a: [int(1)], b: [{ k: int(2) }] },
    ],
    ['$pullAll removes what equals', { a: [1, 2, 1, 3] }, { $pullAll: { a: [1, 3] } }, { a: [int(2)] }],
    [
      '$pop takes from either end',
      { a: [1, 2, 3], b: [1, 2] },
      { $pop: { a: 1, b: -1 } },
      { a: [int(1), int(2)], b: [int(2)] },
    ],
    ['$bit combines', { a: 12 }, { $bit: { a: { and: 10 } } }, { a: int(8) }],
    ['$setOnInsert does nothing to what is there', { a: 1 }, { $setOnInsert: { a: 2 } }, { a: int(1) }],
    ['$[] reaches every element', { a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [int(11), int(12)] }],
    [
      'a pipeline',
      { a: 1, b: new Double(2) },
      [{ $set: { c: { $add: ['$a', 1] } } }, { $unset: 'a' }],
      { b: { double: 2 }, c: int(2) },
    ],
  ])('%s', async (_, before, update, after) => {
    const result = await updated(before, update);
    expect(result).toEqual(after);
    expect(Object.keys(result as Document)).toEqual(Object.keys(after as Document));
  });

  it('$[identifier] reaches the elements its filter names', async () => {
    const options = { arrayFilters: [{ 'e.n': { $gte: 2 } }] };
    const before = { a: [{ n: 1 }, { n: 2 }, { n: 3 }] };
    expect(await updated(before, { $set: { 'a.$[e].x': true } }, options)).toEqual({
      a: [{ n: int(1) }, { n: int(2), x: true }, { n: int(3), x: true }],
    });
  });

  it('$ reaches the element that matched', async () => {
    expect(await updated({ a: [{ n: 1 }, { n: 2 }] }, { $set: { 'a.$.n': 9 } }, {}, { 'a.n': 2 })).toEqual({
      a: [{ n: int(1) }, { n: int(9) }],
    });
  });

  it.each<[update: Document, code: number]>([
    [{ $inc: { s: 1 } }, 14],
    [{ $inc: { n: 'x' } }, 14],
    [{ $push: { n: 1 } }, 2],
    [{ $set: { n: 1, 'n.a': 2 } }, 40],
    [{ $set: { 'n.a': 1 } }, 28],
    [{ $set: { _id: 2 } }, 66],
    [{ $nonsense: { a: 1 } }, 9],
    [{ $set: { '': 1 } }, 56],
    [{ $set: { 'a.$.b': 1 } }, 2],
  ])('%j is refused with code %i', async (update, code) => {
    await collection.deleteMany({});
    await collection.insertOne({ _id: 1 as never, s: 'x', n: 1 });
    await expect(collection.updateOne({}, update)).rejects.toMatchObject({ code });
    expect(await collection.findOne()).toEqual({ _id: 1, s: 'x', n: 1 });
  });

  it('makes an upsert of the equalities of the filter and the update', async () => {
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

  it('come back byte for byte, and an update touches only what it names', async () => {
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

  it('keep the types drivers hide', async () => {
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
    for (const [field, type] of Object.entries({
      i: 'int',
      d: 'double',
      l: 'long',
      x: 'decimal',
      b: 'binData',
    })) {
      expect(await collection.countDocuments({ [field]: { $type: type } })).toBe(1);
    }
  });
});
