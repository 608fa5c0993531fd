import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type mongoose from 'mongoose';
import { toRaw } from '../src/bson/documents.js';
import { keyOf, KeyWriter } from '../src/bson/keys.js';
import { bsonNumber, bsonValue, indexedValue } from './support/bson-values.js';
import { openStore } from './support/open-store.js';
import { referenceCompare } from './support/reference-order.js';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 3000);
/** The number of queries on the same documents, since storing these costs more than a query. */
const QUERIES = 5;

describe('index keys', () => {
  it.each([
    ['values of every type', bsonValue],
    ['numbers of all three types', bsonNumber],
  ])('sort %s in BSON’s order', (_, values) => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const order = Math.sign(Buffer.compare(keyOf(toRaw(a)), keyOf(toRaw(b))));
        return order === Math.sign(referenceCompare(a, b)); // expect would cost more than all else
      }),
      { numRuns: runs },
    );
  });

  it('keep the order when fields are joined', () => {
    const compound = (fields: readonly unknown[]): Buffer => {
      const writer = new KeyWriter();
      for (const field of fields) writer.value(toRaw(field));
      return writer.byte(4).take();
    };
    const fields = fc.tuple(bsonValue, bsonValue);
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const expected = referenceCompare(a[0], b[0]) || referenceCompare(a[1], b[1]);
        return Math.sign(Buffer.compare(compound(a), compound(b))) === Math.sign(expected);
      }),
      { numRuns: runs },
    );
  });
});

describe('a query answered by an index', () => {
  let store: Awaited<ReturnType<typeof openStore>>;

  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store.close());

  /** Fills both collections with the documents; only one has indexes other than `_id`. */
  async function filled(documents: readonly object[], ...indexes: mongoose.mongo.IndexDescription[]) {
    await store.db.dropDatabase();
    const [indexed, bare] = [store.db.collection('indexed'), store.db.collection('bare')];
    await indexed.createIndexes(indexes);
    for (const collection of [indexed, bare]) await collection.insertMany([...documents]);
    return { indexed, bare };
  }

  it('finds the same as a scan, in the order that it is asked for', async () => {
    const condition = fc.oneof(
      fc.record({ operator: fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte'), operand: bsonValue }),
      fc.record({ operator: fc.constant('$in'), operand: fc.array(bsonValue, { maxLength: 3 }) }),
    );
    const query = fc.tuple(condition, fc.constantFrom(1 as const, -1 as const), fc.nat());
    await fc.assert(
      fc.asyncProperty(
        fc.array(indexedValue, { minLength: 1, maxLength: 30 }),
        fc.array(query, { minLength: QUERIES, maxLength: QUERIES }),
        async (values, queries) => {
          const documents = values.map((v, _id) => ({ _id, v }));
          const { indexed, bare } = await filled(documents, { key: { v: 1, _id: 1 } });
          for (const [{ operator, operand }, asked, pick] of queries) {
            // Half of the queries use a value that exists.
            const wanted = pick % 2 === 0 && operator !== '$in' ? values[pick % values.length] : operand;
            const filter = { v: { [operator]: wanted } };
            const sort = { v: asked, _id: asked };
            const byIndex = await indexed.find(filter, { sort }).toArray();
            const byScan = await bare.find(filter).toArray();
            const id = ({ _id }: { _id: unknown }) => Number(_id);
            byScan.sort((a, b) => asked * (referenceCompare(values[id(a)], values[id(b)]) || id(a) - id(b)));
            expect(byIndex.map(id)).toEqual(byScan.map(id));
          }
        },
      ),
      { numRuns: Math.ceil(runs / 10 / QUERIES) },
    );
  });

  it('finds the same as a scan for unique keys joined by $or', async () => {
    const number = fc.nat({ max: 3 });
    const branch = fc.record(
      {
        a: fc.oneof(number, bsonValue),
        b: fc.oneof(number, fc.record({ $in: fc.array(number, { maxLength: 3 }) })),
        c: number,
      },
      { requiredKeys: ['a', 'b'] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(number, number), { selector: String, minLength: 1, maxLength: 12 }),
        fc.array(indexedValue, { maxLength: 3 }),
        fc.array(fc.array(branch, { minLength: 1, maxLength: 5 }), {
          minLength: QUERIES,
          maxLength: QUERIES,
        }),
        async (pairs, odd, queries) => {
          const documents = [
            ...pairs.map(([a, b]) => ({ a, b, c: (a + b) % 4 })),
            ...odd.map((a, n) => ({ a, b: 10 + n, c: 0 })),
          ].map((document, _id) => ({ _id, ...document }));
          const { indexed, bare } = await filled(
            documents,
            { key: { a: 1, b: 1, c: 1 } },
            { key: { a: 1, b: 1 }, unique: true },
          );
          for (const branches of queries) {
            const filter = { $or: branches } as object;
            const found = await indexed.find(filter).toArray();
            found.sort((a, b) => Number(a._id) - Number(b._id));
            expect(found).toEqual(await bare.find(filter, { sort: { _id: 1 } }).toArray());
          }
        },
      ),
      { numRuns: Math.ceil(runs / 10 / QUERIES) },
    );
  });
});
