import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toRaw } from '../../src/embedded-mongo/bson/documents.js';
import { keyOf, KeyWriter } from '../../src/embedded-mongo/bson/keys.js';
import { bsonNumber, bsonValue } from './support/bson-values.js';
import { openStore } from './support/open-store.js';
import { referenceCompare } from './support/reference-order.js';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 3000);

describe('index keys', () => {
  it.each([
    ['values of every type', bsonValue],
    ['numbers of all four types', bsonNumber],
  ])('sort %s in the order of BSON', (_, values) => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const order = Math.sign(Buffer.compare(keyOf(toRaw(a)), keyOf(toRaw(b))));
        expect(order).toBe(Math.sign(referenceCompare(a, b)));
      }),
      { numRuns: runs },
    );
  });

  it('keep the order when fields are joined, each in its direction', () => {
    const compound = (fields: readonly unknown[], descending: readonly boolean[]): Buffer => {
      const writer = new KeyWriter();
      fields.forEach((field, i) => {
        const start = writer.length;
        writer.value(toRaw(field));
        if (descending[i]) writer.invertFrom(start);
      });
      return writer.byte(4).take();
    };
    const fields = fc.tuple(bsonValue, bsonValue);
    fc.assert(
      fc.property(fields, fields, fc.tuple(fc.boolean(), fc.boolean()), (a, b, descending) => {
        const expected =
          referenceCompare(a[0], b[0]) * (descending[0] ? -1 : 1) ||
          referenceCompare(a[1], b[1]) * (descending[1] ? -1 : 1);
        expect(Math.sign(Buffer.compare(compound(a, descending), compound(b, descending)))).toBe(
          Math.sign(expected) + 0,
        );
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

  it('finds, in the same order, what a scan with a sort in memory finds', async () => {
    const collection = store.db.collection('values');
    const condition = fc.oneof(
      fc.record({ operator: fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte'), operand: bsonValue }),
      fc.record({ operator: fc.constant('$in'), operand: fc.array(bsonValue, { maxLength: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(bsonValue, { minLength: 1, maxLength: 30 }),
        condition,
        fc.constantFrom(1 as const, -1 as const),
        fc.constantFrom(1 as const, -1 as const),
        fc.nat(),
        async (values, { operator, operand }, stored, asked, pick) => {
          await collection.drop();
          await collection.insertMany(values.map((v, _id) => ({ _id, v })) as never[]);
          await collection.createIndex({ v: stored, _id: stored }, {}, {});
          // Half of the time ask for a value that is there.
          const wanted = pick % 2 === 0 && operator !== '$in' ? values[pick % values.length] : operand;
          if (isRegExp(wanted)) return;
          const filter = { v: { [operator]: wanted } };
          const sort = { v: asked, _id: asked };
          const byIndex = await collection
            .find(filter, { sort, hint: `v_${stored}__id_${stored}` })
            .toArray();
          const byScan = await collection.find(filter, { sort, hint: { $natural: 1 } }).toArray();
          expect(byIndex.map(({ _id }) => _id)).toEqual(byScan.map(({ _id }) => _id));
        },
      ),
      { numRuns: Math.ceil(runs / 10) },
    );
  });
});

function isRegExp(value: unknown): boolean {
  return (value as { _bsontype?: string } | null)?._bsontype === 'BSONRegExp';
}
