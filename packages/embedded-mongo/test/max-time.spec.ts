import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openStore } from './support/open-store.js';

let store: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  store = await openStore();
  const documents = Array.from({ length: 30_000 }, (_, n) => ({ n, text: `text ${n}` }));
  await store.db.collection('c').insertMany(documents);
}, 60_000);
afterAll(() => store.close());

/** Examining the documents takes many times the limit of one millisecond. */
const scan = { text: { $gt: 'z' } };

it.each([
  ['find', { find: 'c', filter: scan }],
  ['sort', { find: 'c', sort: { text: 1 } }],
  ['count', { count: 'c', query: scan }],
  ['aggregate', { aggregate: 'c', pipeline: [{ $match: scan }], cursor: {} }],
])('ends a %s that takes longer than maxTimeMS', async (_, command) => {
  await expect(store.db.command({ ...command, maxTimeMS: 1 })).rejects.toMatchObject({
    code: 50,
    codeName: 'MaxTimeMSExpired',
  });
  await expect(store.db.command({ ...command, maxTimeMS: 0 })).resolves.toMatchObject({ ok: 1 });
});

it('refuses an invalid maxTimeMS', async () => {
  await expect(store.db.command({ ping: 1, maxTimeMS: -1 })).rejects.toMatchObject({ code: 51024 });
  await expect(store.db.command({ ping: 1, maxTimeMS: 'x' })).rejects.toMatchObject({ code: 14 });
});
