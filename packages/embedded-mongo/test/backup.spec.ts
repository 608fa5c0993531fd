import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from '../src/index.js';
import { startStoreProcess } from './support/store-process.js';

interface Item {
  _id: number;
  pair: number;
  text: string;
}

let scratch: string;
let path: string;
let to: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'backup-'));
  path = join(scratch, 'data');
  to = join(scratch, 'copy');
});
afterEach(() => {
  rmSync(scratch, { recursive: true });
});

async function itemsIn(directory: string): Promise<Item[]> {
  const store = await EmbeddedMongo.open({ path: directory });
  const client = await new mongoose.mongo.MongoClient(store.uri).connect();
  const items = client.db('test').collection<Item>('items');
  const byId = await items.find().sort({ _id: 1 }).toArray();
  const byPair = await items.find().sort({ pair: 1, _id: 1 }).toArray();
  expect(byPair.map(({ _id }) => _id).toSorted((a, b) => a - b)).toEqual(byId.map(({ _id }) => _id));
  await client.close();
  await store.close();
  return byId;
}

it('copies what one moment had, while another process writes on', async () => {
  const owner = await startStoreProcess(path);
  const client = await new mongoose.mongo.MongoClient(owner.uri).connect();
  const items = client.db('test').collection<Item>('items');
  await items.createIndex({ pair: 1, _id: 1 }, {}, {});
  const writing = { over: false, acknowledged: 0 };
  const writer = (async () => {
    for (let pair = 0; !writing.over; pair++) {
      // Both are stored, or neither; of what lies far behind, half is removed, so that pages are used again.
      const text = 'x'.repeat(2000);
      await items.insertMany([
        { _id: 2 * pair, pair, text },
        { _id: 2 * pair + 1, pair, text },
      ]);
      writing.acknowledged = pair + 1;
      if (pair >= 50) await items.deleteMany({ pair: pair - 50 });
    }
  })();
  for (let round = 0; round < 5; round++) {
    const before = writing.acknowledged;
    while (writing.acknowledged < before + 60) await new Promise((resolve) => setTimeout(resolve, 5));
    const known = writing.acknowledged;
    await EmbeddedMongo.backup(path, to);
    const after = writing.acknowledged + 1;
    const copied = await itemsIn(to);
    const pairs = new Map<number, number>();
    for (const { pair } of copied) pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    expect([...new Set(pairs.values())]).toEqual([2]);
    const [first, last] = [Math.min(...pairs.keys()), Math.max(...pairs.keys())];
    expect([...pairs.keys()]).toEqual(Array.from({ length: last - first + 1 }, (_, n) => first + n));
    expect(last + 1).toBeGreaterThanOrEqual(known);
    expect(last + 1).toBeLessThanOrEqual(after + 1);
    rmSync(to, { recursive: true });
  }
  writing.over = true;
  await writer;
  await client.close();
  await owner.kill();
}, 60_000);

it('copies a store that no process uses, readable by its owner only, and changes nothing', async () => {
  const store = await EmbeddedMongo.open({ path });
  const client = await new mongoose.mongo.MongoClient(store.uri).connect();
  await client.db('test').collection<Item>('items').createIndex({ pair: 1, _id: 1 }, {}, {});
  await client.db('test').collection<Item>('items').insertOne({ _id: 1, pair: 1, text: '' });
  await client.close();
  await store.close();
  await EmbeddedMongo.backup(path, to);
  expect(readdirSync(to)).toEqual(['store.mdb']);
  expect(statSync(to).mode & 0o777).toBe(0o700);
  expect(statSync(join(to, 'store.mdb')).mode & 0o777).toBe(0o600);
  expect(await itemsIn(to)).toEqual([{ _id: 1, pair: 1, text: '' }]);
});

it('refuses with a sentence: no store, a store in the way, other files, a damaged store', async () => {
  await expect(EmbeddedMongo.backup(path, to)).rejects.toThrow(`There is no store in ${path}.`);
  await (await EmbeddedMongo.open({ path })).close();
  await EmbeddedMongo.backup(path, to);
  await expect(EmbeddedMongo.backup(path, to)).rejects.toThrow(`There is a store in ${to} already.`);
  mkdirSync(join(scratch, 'other'));
  writeFileSync(join(scratch, 'other', 'thesis.txt'), '');
  await expect(EmbeddedMongo.backup(path, join(scratch, 'other'))).rejects.toThrow('thesis.txt');
  writeFileSync(join(path, 'store.mdb'), Buffer.alloc(16384, 'x'));
  const target = join(scratch, 'third');
  await expect(EmbeddedMongo.backup(path, target)).rejects.toThrow('was not written by this store');
  expect(readdirSync(target)).toEqual([]);
});

it('does not take an interrupted copy for a store, and makes it anew', async () => {
  await (await EmbeddedMongo.open({ path })).close();
  mkdirSync(to);
  writeFileSync(join(to, 'store.mdb.partial'), 'the first half');
  expect(EmbeddedMongo.isIn(to)).toBe(false);
  await EmbeddedMongo.backup(path, to);
  expect(readdirSync(to)).toEqual(['store.mdb']);
});
