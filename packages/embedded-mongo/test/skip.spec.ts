import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from './support/open-store.js';

const EACH = 2500;

let store: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  store = await openStore();
  const documents = ['a', 'b', 'c'].flatMap((key) =>
    Array.from({ length: EACH }, (_, n) => ({ key, n, even: n % 2 === 0 })),
  );
  await store.db.collection('c').createIndex({ key: 1, n: 1 }, {}, {});
  await store.db.collection('c').insertMany(documents);
}, 60_000);
afterAll(() => store.close());

const read = (filter: object, direction: 1 | -1, skip: number) =>
  store.db.collection('c').find(filter).sort({ n: direction }).skip(skip).limit(3);

describe.each([1, -1] as const)('a skip over entries of an index, in direction %i', (direction) => {
  // Around its steps of a thousand, around the end of the range, which other entries follow, and far beyond.
  it.each([1, 999, 1000, 1001, 2000, 2497, 2499, 2500, 2501, 7500, 100_000_000_000])('%i', async (skip) => {
    const all = Array.from({ length: EACH }, (_, n) => n);
    if (direction === -1) all.reverse();

    const found = await read({ key: 'b' }, direction, skip).toArray();

    expect(found.map(({ key, n }): unknown[] => [key, n])).toEqual(
      all.slice(skip, skip + 3).map((n) => ['b', n]),
    );
  });

  it('examines no document that it skips', async () => {
    await expect(read({ key: 'b' }, direction, 2000).explain('executionStats')).resolves.toMatchObject({
      executionStats: { nReturned: 3, totalKeysExamined: 2003, totalDocsExamined: 3 },
    });
  });

  it('examines every document if the index does not cover the filter', async () => {
    const found = await read({ key: 'b', even: true }, direction, 1000).toArray();
    expect(found.map(({ n }) => n as number)).toEqual(direction === 1 ? [2000, 2002, 2004] : [498, 496, 494]);
  });
});

describe('$unionWith', () => {
  it('appends the result of its pipeline, each served by an index', async () => {
    const part = (key: string, sort: 1 | -1) => [
      { $match: { key } },
      { $sort: { n: sort } },
      { $skip: 1 },
      { $limit: 2 },
      { $project: { _id: 0, key: 1, n: 1 } },
    ];
    const united = { coll: 'c', pipeline: part('a', -1) };
    const counted = {
      coll: 'c',
      pipeline: [{ $match: { key: 'c' } }, { $group: { _id: 1, total: { $sum: 1 } } }],
    };
    const pipeline = [...part('b', 1), { $unionWith: united }, { $unionWith: counted }];

    const found = await store.db.collection('c').aggregate(pipeline).toArray();

    expect(found).toEqual([
      { key: 'b', n: 1 },
      { key: 'b', n: 2 },
      { key: 'a', n: EACH - 2 },
      { key: 'a', n: EACH - 3 },
      { _id: 1, total: EACH },
    ]);
    const scan = { inputStage: { inputStage: { inputStage: { stage: 'IXSCAN', indexName: 'key_1_n_1' } } } };
    const planned = { $cursor: { queryPlanner: { winningPlan: scan } } };
    const explained = await store.db.command({ explain: { aggregate: 'c', pipeline, cursor: {} } });
    expect(explained['stages']).toMatchObject([
      planned,
      { $unionWith: { coll: 'c', pipeline: [planned] } },
      { $unionWith: { coll: 'c' } },
    ]);
  });

  it('finds nothing in a collection that does not exist', async () => {
    const pipeline = [{ $match: { key: 'b' } }, { $limit: 1 }, { $unionWith: { coll: 'x', pipeline: [] } }];
    await expect(store.db.collection('c').aggregate(pipeline).toArray()).resolves.toHaveLength(1);
  });

  it('requires the name of a collection', async () => {
    const pipeline = [{ $unionWith: { coll: 1 } as unknown as string }];
    await expect(store.db.collection('c').aggregate(pipeline).toArray()).rejects.toMatchObject({ code: 9 });
  });
});
