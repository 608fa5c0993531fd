import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scanReports } from './support/scan-reports.js';
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
    const reports = await scanReports(() => read({ key: 'b' }, direction, 2000).toArray());
    expect(reports).toEqual([
      { namespace: 'test.c', index: 'key_1_n_1', keys: 2003, documents: 3, found: 3 },
    ]);
  });

  it('examines every document if the index does not cover the filter', async () => {
    const found = await read({ key: 'b', even: true }, direction, 1000).toArray();
    expect(found.map(({ n }) => n as number)).toEqual(direction === 1 ? [2000, 2002, 2004] : [498, 496, 494]);
  });
});
