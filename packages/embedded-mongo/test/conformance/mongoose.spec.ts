import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import mongoose, { Schema, type Model } from 'mongoose';
import { openStoreUnderTest } from './store-under-test.js';

const store = await openStoreUnderTest();
const connection = await mongoose
  .createConnection(store.uri, { dbName: `mongoose_${process.pid}`, autoIndex: false, autoCreate: false })
  .asPromise();

afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await store.close();
});

let modelsMade = 0;

/** A model with a collection of its own. */
function modelOf<T>(schema: Schema<T>, collection = `things_${++modelsMade}`): Model<T> {
  return connection.model(`Model${++modelsMade}`, schema, collection) as unknown as Model<T>;
}

/** The names of a collection's indexes, except the one on _id. */
async function indexNames<T>(model: Model<T>): Promise<string[]> {
  const indexes = (await model.listIndexes()) as { name: string }[];
  return indexes.map(({ name }) => name).filter((name) => name !== '_id_');
}

/** The error of a rejected promise; a promise that resolves fails the test. */
async function refusalOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return promise.then(
    () => Promise.reject(new Error('expected a refusal')),
    (error: unknown) => error as Record<string, unknown>,
  );
}

interface Thing {
  key: string;
  n?: number;
  tags?: string[];
  state?: string;
}
const thingFields = {
  key: { type: String, required: true },
  n: Number,
  tags: { type: [String], default: undefined },
};
const thingSchema = (): Schema<Thing> => new Schema<Thing>(thingFields, { versionKey: false });
const uniqueThings = (): Schema<Thing> => thingSchema().index({ key: 1 }, { unique: true });

const byKey = ({ key }: { key: string }): string => key;

describe('indexes', () => {
  test('init creates the collection and its indexes', async () => {
    const schema = uniqueThings().index({ n: 1, key: 1 }, { name: 'by_n' });
    const Things = modelOf(schema.set('autoIndex', true).set('autoCreate', true));
    await Things.init();
    expect(await indexNames(Things)).toEqual(['key_1', 'by_n']);
  });

  test('createIndexes can be called again', async () => {
    const Things = modelOf(uniqueThings());
    await Things.createIndexes();
    await Things.createIndexes();
    expect(await indexNames(Things)).toEqual(['key_1']);
  });

  test('createIndexes refuses an index that exists with other options', async () => {
    const Things = modelOf(thingSchema().index({ key: 1 }));
    await Things.createIndexes();
    const Stricter = modelOf(uniqueThings(), Things.collection.collectionName);
    expect(await refusalOf(Stricter.createIndexes())).toMatchObject({ code: 86 });
  });

  test('createIndexes refuses a unique index over duplicates', async () => {
    const Things = modelOf(uniqueThings());
    await Things.insertMany([{ key: 'a' }, { key: 'a' }]);
    expect(await refusalOf(Things.createIndexes())).toMatchObject({ code: 11000 });
    expect(await indexNames(Things)).toEqual([]);
  });

  test('syncIndexes drops indexes that the schema no longer has, and creates new ones', async () => {
    const Before = modelOf(thingSchema().index({ key: 1 }).index({ n: 1 }));
    await Before.createIndexes();
    const After = modelOf(
      thingSchema().index({ n: 1 }).index({ state: 1 }),
      Before.collection.collectionName,
    );
    expect(await After.diffIndexes()).toEqual({ toDrop: ['key_1'], toCreate: [{ state: 1 }] });
    expect(await After.syncIndexes()).toEqual(['key_1']);
    expect(await indexNames(After)).toEqual(['n_1', 'state_1']);
    expect(await After.syncIndexes()).toEqual([]);
  });

  test('syncIndexes recreates an index when its options change', async () => {
    const Before = modelOf(thingSchema().index({ key: 1 }));
    await Before.createIndexes();
    await Before.create({ key: 'a' });
    const After = modelOf(uniqueThings(), Before.collection.collectionName);
    expect(await After.syncIndexes()).toEqual(['key_1']);
    expect(await refusalOf(After.create({ key: 'a' }))).toMatchObject({ code: 11000 });
  });
});

describe('a duplicate unique key', () => {
  const taken = { code: 11000, keyPattern: { key: 1 }, keyValue: { key: 'a' } };
  let Things: Model<Thing>;

  beforeEach(async () => {
    Things = modelOf(uniqueThings());
    await Things.createIndexes();
    await Things.create({ key: 'a' });
  });

  test('refuses create', async () => {
    expect(await refusalOf(Things.create({ key: 'a' }))).toMatchObject(taken);
  });

  test('refuses save of a changed document', async () => {
    const other = await Things.create({ key: 'b' });
    other.key = 'a';
    expect(await refusalOf(other.save())).toMatchObject(taken);
  });

  test('refuses updateOne and findOneAndUpdate', async () => {
    await Things.create({ key: 'b' });
    expect(await refusalOf(Things.updateOne({ key: 'b' }, { key: 'a' }).exec())).toMatchObject(taken);
    expect(await refusalOf(Things.findOneAndUpdate({ key: 'b' }, { key: 'a' }).exec())).toMatchObject(taken);
  });

  test('insertMany, ordered, keeps the documents before it', async () => {
    const refusal = await refusalOf(Things.insertMany([{ key: 'b' }, { key: 'a' }, { key: 'c' }]));
    expect(refusal).toMatchObject({ code: 11000, result: { insertedCount: 1 } });
    expect((await Things.find().sort({ key: 1 }).lean()).map(byKey)).toEqual(['a', 'b']);
  });

  test('insertMany, unordered, keeps all others', async () => {
    const documents = [{ key: 'b' }, { key: 'a' }, { key: 'c' }, { key: 'b' }];
    const refusal = await refusalOf(Things.insertMany(documents, { ordered: false }));
    expect(refusal).toMatchObject({
      result: { insertedCount: 2 },
      writeErrors: [{ index: 1 }, { index: 3 }],
    });
    expect((await Things.find().sort({ key: 1 }).lean()).map(byKey)).toEqual(['a', 'b', 'c']);
  });

  test('bulkWrite, unordered, executes all others', async () => {
    const refusal = await refusalOf(
      Things.bulkWrite(
        [
          { insertOne: { document: { key: 'a' } } },
          { insertOne: { document: { key: 'b' } } },
          { updateOne: { filter: { key: 'a' }, update: { $set: { n: 1 } } } },
        ],
        { ordered: false },
      ),
    );
    expect(refusal).toMatchObject({ code: 11000, result: { insertedCount: 1, modifiedCount: 1 } });
  });
});

describe('findOneAndUpdate with upsert', () => {
  const options = { upsert: true, returnDocument: 'after', includeResultMetadata: true } as const;

  test('creates the document once, with its defaults, then updates it', async () => {
    const schema = new Schema<Thing>({ key: String, state: { type: String, default: 'fresh' }, n: Number });
    const Things = modelOf(schema);
    const made = await Things.findOneAndUpdate({ key: 'a' }, { n: 1 }, options);
    const found = await Things.findOneAndUpdate({ key: 'a' }, { n: 2 }, options);
    expect(made.value?.toObject()).toMatchObject({ key: 'a', n: 1, state: 'fresh' });
    expect(made.lastErrorObject).toMatchObject({ updatedExisting: false, upserted: made.value?._id });
    expect(found.value?.toObject()).toMatchObject({ _id: made.value?._id, n: 2, state: 'fresh' });
    expect(found.lastErrorObject).toEqual({ n: 1, updatedExisting: true });
  });

  test('sets timestamps: the first permanently, the last each time', async () => {
    const Things = modelOf(new Schema<Thing>({ key: String, n: Number }, { timestamps: true }));
    const made = await Things.findOneAndUpdate(
      { key: 'a' },
      { n: 1 },
      { upsert: true, returnDocument: 'after' },
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    const found = await Things.findOneAndUpdate(
      { key: 'a' },
      { n: 2 },
      { upsert: true, returnDocument: 'after' },
    );
    expect(found.get('createdAt')).toEqual(made.get('createdAt'));
    expect(Number(found.get('updatedAt'))).toBeGreaterThan(Number(made.get('updatedAt')));
  });

  test('creates one document under concurrency, and updates it with every other call', async () => {
    const Things = modelOf(uniqueThings());
    await Things.createIndexes();
    const calls = Array.from({ length: 20 }, (_, n) => Things.findOneAndUpdate({ key: 'a' }, { n }, options));
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter(({ lastErrorObject }) => lastErrorObject?.['upserted'])).toHaveLength(1);
    expect(outcomes.map(({ value }) => value?.n)).toEqual([...calls.keys()]);
    expect(await Things.find().lean()).toHaveLength(1);
  });

  test('returns null if nothing matches and nothing is created', async () => {
    expect(await modelOf(thingSchema()).findOneAndUpdate({ key: 'a' }, { n: 1 })).toBeNull();
  });
});

describe('writes', () => {
  let Things: Model<Thing>;

  beforeEach(() => {
    Things = modelOf(thingSchema());
  });

  test('insertMany returns ids, and validates', async () => {
    const things = await Things.insertMany([{ key: 'a' }, { key: 'b' }]);
    expect(things.map(({ _id }) => _id instanceof mongoose.Types.ObjectId)).toEqual([true, true]);
    expect(await refusalOf(Things.insertMany([{ n: 1 }]))).toMatchObject({ name: 'ValidationError' });
  });

  test('bulkWrite returns the result of each kind of statement', async () => {
    await Things.insertMany([{ key: 'a' }, { key: 'b', n: 1 }, { key: 'c', n: 1 }, { key: 'd' }]);
    const outcome = await Things.bulkWrite([
      { insertOne: { document: { key: 'e' } } },
      { updateOne: { filter: { key: 'a' }, update: { $set: { n: 5 } } } },
      { updateMany: { filter: { n: 1 }, update: { $set: { n: 2 } } } },
      { updateOne: { filter: { key: 'f' }, update: { $set: { n: 9 } }, upsert: true } },
      { replaceOne: { filter: { key: 'd' }, replacement: { key: 'z' } } },
      { deleteOne: { filter: { key: 'e' } } },
      { deleteMany: { filter: { n: 2 } } },
    ]);
    expect(outcome).toMatchObject({
      insertedCount: 1,
      matchedCount: 4,
      modifiedCount: 4,
      upsertedCount: 1,
      deletedCount: 3,
    });
    expect((await Things.find().sort({ key: 1 }).lean()).map(byKey)).toEqual(['a', 'f', 'z']);
  });

  test('save sends only the changes', async () => {
    const thing = await Things.create({ key: 'a', n: 1, tags: ['x', 'y'] });
    await Things.updateOne({ key: 'a' }, { $set: { n: 2 } });
    thing.tags = ['z'];
    await thing.save();
    expect(await Things.findOne().lean()).toMatchObject({ key: 'a', n: 2, tags: ['z'] });
  });

  test('updateMany, deleteOne and deleteMany return counts', async () => {
    await Things.insertMany([
      { key: 'a', n: 1 },
      { key: 'b', n: 1 },
      { key: 'c', n: 2 },
    ]);
    expect(await Things.updateMany({}, { n: 1 })).toMatchObject({ matchedCount: 3, modifiedCount: 1 });
    expect(await Things.deleteOne({ n: 1 })).toMatchObject({ deletedCount: 1 });
    expect(await Things.deleteMany({ n: 1 })).toMatchObject({ deletedCount: 2 });
  });
});

describe('reads', () => {
  let Things: Model<Thing>;

  beforeEach(async () => {
    Things = modelOf(thingSchema());
    const tags = (n: number): string[] => (n % 2 === 0 ? ['even', 'all'] : ['all']);
    await Things.insertMany(Array.from({ length: 7 }, (_, n) => ({ key: `k${n}`, n, tags: tags(n) })));
  });

  test('countDocuments, estimatedDocumentCount and exists', async () => {
    expect(await Things.countDocuments({ n: { $gte: 5 } })).toBe(2);
    expect(await Things.countDocuments({}, { skip: 2, limit: 3 })).toBe(3);
    expect(await Things.estimatedDocumentCount()).toBe(7);
    expect(await Things.exists({ key: 'k3' })).not.toBeNull();
    expect(await Things.exists({ key: 'nope' })).toBeNull();
  });

  test('sort, skip, limit and select', async () => {
    const page = await Things.find().sort({ n: -1 }).skip(1).limit(2).select({ n: 1, _id: 0 }).lean();
    expect(page).toEqual([{ n: 5 }, { n: 4 }]);
  });

  test('a cursor reads everything, batch by batch', async () => {
    const keys: string[] = [];
    for await (const thing of Things.find().sort({ n: 1 }).cursor({ batchSize: 2 })) keys.push(thing.key);
    expect(keys).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6']);
  });

  test('a cursor can be abandoned', async () => {
    const cursor = Things.find().sort({ n: 1 }).batchSize(2).cursor();
    expect((await cursor.next())?.key).toBe('k0');
    await cursor.close();
    expect(await Things.countDocuments()).toBe(7);
  });

  test('an aggregation, at once and by cursor', async () => {
    const pipeline = [
      { $match: { tags: 'even' } },
      { $sort: { n: 1 as const } },
      { $project: { _id: 0, key: 1, n: 1 } },
    ];
    const sums = [0, 2, 4, 6].map((n) => ({ key: `k${n}`, n }));
    expect(await Things.aggregate(pipeline)).toEqual(sums);
    const streamed: unknown[] = [];
    for await (const sum of Things.aggregate(pipeline).cursor({ batchSize: 1 })) streamed.push(sum);
    expect(streamed).toEqual(sums);
  });

  test('lean documents are plain objects', async () => {
    const thing = await Things.findOne({ key: 'k1' }).lean();
    expect(thing).toEqual({ _id: expect.any(mongoose.Types.ObjectId), key: 'k1', n: 1, tags: ['all'] });
    expect(Object.getPrototypeOf(thing)).toBe(Object.prototype);
  });

  test('populate', async () => {
    const target = await Things.findOne({ key: 'k2' }).orFail();
    const Links = modelOf(
      new Schema<{ to: mongoose.Types.ObjectId }>({
        to: { type: Schema.Types.ObjectId, ref: Things.modelName },
      }),
    );
    await Links.create({ to: target._id });
    const link = await Links.findOne().populate<{ to: Thing }>('to').lean();
    expect(link?.to.key).toBe('k2');
  });
});

interface Named {
  name: string;
  old?: number;
  state?: string;
}

describe('types and schemas', () => {
  test('every type of a schema comes back as it went in', async () => {
    const { Decimal128, UUID } = mongoose.mongo.BSON;
    const Things = modelOf(
      new Schema<object>({
        date: Date,
        buffer: Buffer,
        decimal: Schema.Types.Decimal128,
        big: BigInt,
        uuid: Schema.Types.UUID,
        map: { type: Map, of: Number },
        mixed: Schema.Types.Mixed,
        nothing: String,
      }),
    );
    const values = {
      date: new Date('2024-02-29T12:30:15.123Z'),
      buffer: Buffer.from([0, 1, 255]),
      decimal: Decimal128.fromString('0.10'),
      big: 9007199254740993n,
      uuid: new UUID('00112233-4455-4677-8899-aabbccddeeff'),
      map: new Map([['a', 1]]),
      mixed: { 'dotted.name': [1, 'two', null] },
      nothing: null,
    };
    const { _id } = await Things.create(values);
    const thing = await Things.findById(_id).orFail();
    expect(thing.get('date')).toEqual(values.date);
    expect(Buffer.compare(thing.get('buffer') as Buffer, values.buffer)).toBe(0);
    expect(String(thing.get('decimal'))).toBe('0.10');
    expect(thing.get('big')).toBe(values.big);
    expect(String(thing.get('uuid'))).toBe('00112233-4455-4677-8899-aabbccddeeff');
    expect(Object.fromEntries(thing.get('map') as Map<string, number>)).toEqual({ a: 1 });
    expect(thing.get('mixed')).toEqual(values.mixed);
    expect(thing.get('nothing')).toBeNull();
  });

  test('a changed schema reads old documents with its defaults, and keeps what it does not know', async () => {
    const Before = modelOf(new Schema<Named>({ name: String, old: Number }));
    const { _id } = await Before.create({ name: 'x', old: 5 });
    const after = new Schema<Named>({ name: String, state: { type: String, default: 'fresh' } });
    const After = modelOf(after, Before.collection.collectionName);
    const thing = await After.findById(_id).orFail();
    expect(thing.toObject()).toMatchObject({ name: 'x', state: 'fresh' });
    await thing.save();
    expect(await Before.findById(_id).lean()).toMatchObject({ name: 'x', old: 5, state: 'fresh' });
  });

  test('a field is added to all documents, and another removed', async () => {
    const Things = modelOf(new Schema<object>({ a: Number, b: Number, c: Number }, { versionKey: false }));
    await Things.insertMany([{ a: 1, b: 1 }, { a: 2 }]);
    await Things.updateMany({}, { $set: { c: 3 }, $unset: { b: '' } });
    const things = await Things.find().sort({ a: 1 }).select({ _id: 0 }).lean();
    expect(things).toEqual([
      { a: 1, c: 3 },
      { a: 2, c: 3 },
    ]);
  });

  test('collections are created, listed and dropped', async () => {
    const Things = modelOf(thingSchema());
    const { collectionName } = await Things.createCollection();
    const isListed = async (): Promise<boolean> =>
      (await connection.listCollections()).some(({ name }) => name === collectionName);
    expect(await isListed()).toBe(true);
    await connection.dropCollection(collectionName);
    expect(await isListed()).toBe(false);
  });
});
