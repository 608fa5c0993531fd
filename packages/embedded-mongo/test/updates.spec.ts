import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { bsonValue } from './support/bson-values.js';
import { openStore } from './support/open-store.js';

const { BSON, Decimal128 } = mongoose.mongo;

let store: Awaited<ReturnType<typeof openStore>>;
let collection: mongoose.mongo.Collection<Record<string, unknown>>;

beforeAll(async () => {
  store = await openStore();
  collection = store.db.collection('updates');
});
afterAll(() => store.close());

type Document = Record<string, unknown>;

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
          decimal: Decimal128.fromString('1.0'),
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
});
