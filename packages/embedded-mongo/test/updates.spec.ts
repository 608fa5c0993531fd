import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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
    [
      '$unset removes fields, inside others too',
      { a: 1, b: { c: 2, d: 3 } },
      { $unset: { a: '', 'b.c': '' } },
      { b: { d: int(3) } },
    ],
  ])('%s', async (_, before, update, after) => {
    const result = await updated(before, update);
    expect(result).toEqual(after);
    expect(Object.keys(result as Document)).toEqual(Object.keys(after as Document));
  });

  it.each<[update: Document, code: number]>([
    [{ $inc: { n: 1 } }, 9],
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

  it('replaces a document but not its _id', async () => {
    await collection.deleteMany({});
    await collection.insertOne({ _id: 1 as never, a: 1 });
    await collection.replaceOne({ a: 1 }, { b: 2 });
    expect(await collection.findOne()).toEqual({ _id: 1, b: 2 });
    await expect(collection.replaceOne({ b: 2 }, { _id: 2 })).rejects.toMatchObject({ code: 66 });
  });
});

describe('many updates at once', () => {
  interface Event {
    _id: number;
    session: string;
    sequence: number;
    at?: number;
    type?: string;
    closed?: boolean;
  }
  const EVENTS = 700;
  let events: mongoose.mongo.Collection<Event>;

  beforeEach(async () => {
    await store.db.dropDatabase();
    events = store.db.collection('events');
    await events.createIndex({ session: 1, sequence: 1 }, { unique: true }, {});
    await events.createIndex({ session: 1, at: 1, sequence: 1 }, {}, {});
    await events.insertMany(
      ['a', 'b'].flatMap((session, s) =>
        Array.from({ length: EVENTS }, (_, n) => ({
          _id: s * EVENTS + n,
          session,
          sequence: n,
          at: EVENTS - n,
          type: 'x',
        })),
      ),
    );
  });

  const blank = { $set: { closed: true }, $unset: { type: '', at: '' } } as const;
  const inRange = (from: number, to: number) => ({ session: 'a', sequence: { $gte: from, $lt: to } });
  const sequencesBy = async (index: Record<string, 1>, session: string) =>
    (await events.find({ session }, { sort: index }).toArray()).map(({ sequence }) => sequence);

  it('remove indexed fields range by range, and each document stays in every index once', async () => {
    for (let from = 0; from < EVENTS; from += 300) {
      const count = Math.min(300, EVENTS - from);
      const range = inRange(from, from + 300);
      expect(await events.updateMany(range, blank)).toMatchObject({
        matchedCount: count,
        modifiedCount: count,
      });
      expect(await events.updateMany(range, blank)).toMatchObject({ matchedCount: count, modifiedCount: 0 });
    }
    const all = Array.from({ length: EVENTS }, (_, n) => n);
    expect(await sequencesBy({ sequence: 1 }, 'a')).toEqual(all);
    expect(await sequencesBy({ at: 1, sequence: 1 }, 'a')).toEqual(all); // none has a time any more
    expect(await sequencesBy({ at: 1, sequence: 1 }, 'b')).toEqual(all.toReversed());
    expect(await events.findOne({ session: 'a', sequence: 5 })).toEqual({
      _id: 5,
      session: 'a',
      sequence: 5,
      closed: true,
    });
    expect(await events.find({ session: 'a', at: { $gt: 0 } }).toArray()).toEqual([]);
    await expect(events.insertOne({ _id: -1, session: 'a', sequence: 5 })).rejects.toMatchObject({
      code: 11000,
    });
    expect(await events.deleteMany(inRange(0, EVENTS))).toMatchObject({ deletedCount: EVENTS });
    expect(await sequencesBy({ at: 1, sequence: 1 }, 'a')).toEqual([]);
  });

  it('of one command each have their own result', async () => {
    const statements = Array.from({ length: 250 }, (_, n) => ({
      updateOne: { filter: { session: 'a', sequence: n * 3, closed: { $exists: false } }, update: blank },
    }));
    expect(await events.bulkWrite(statements, { ordered: false })).toMatchObject({
      matchedCount: 234,
      modifiedCount: 234,
    });
    expect(await events.find({ session: 'a', closed: true }).toArray()).toHaveLength(234);
  });

  it('refused half way keep what was changed before, and the unique index', async () => {
    await expect(events.updateMany(inRange(10, 20), { $set: { sequence: 5000 } })).rejects.toMatchObject({
      code: 11000,
    });
    expect((await events.find({ session: 'a', sequence: 5000 }).toArray()).map(({ _id }) => _id)).toEqual([
      10,
    ]);
    expect(await sequencesBy({ sequence: 1 }, 'a')).toHaveLength(EVENTS);
    expect(await events.findOne({ session: 'a', sequence: 11 })).toMatchObject({ _id: 11 });
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
    const stored = (await collection.findOne({}, options)) as Document;
    expect(stored['i']).toBeInstanceOf(Int32);
    expect(stored['d']).toBeInstanceOf(Double);
    expect(stored['l']).toBeInstanceOf(Long);
    expect(stored['x']).toBeInstanceOf(Decimal128);
    expect(stored['b']).toBeInstanceOf(Binary);
  });
});
