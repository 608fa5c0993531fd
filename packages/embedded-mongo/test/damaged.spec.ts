import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from '../src/index.js';

let scratch: string;
let filled: Buffer;

beforeAll(async () => {
  scratch = fs.mkdtempSync(join(tmpdir(), 'damaged-'));
  const path = join(scratch, 'filled');
  await withCollection(path, async (collection) => {
    for (let n = 0; n < 40; n++) {
      const documents = Array.from({ length: 20 }, (_, i) => ({ n: n * 20 + i, text: 'x'.repeat(300) }));
      await collection.insertMany([...documents, { n: -n, text: 'y'.repeat(20_000) }]);
    }
  });
  filled = fs.readFileSync(join(path, 'store.mdb'));
});
afterAll(() => {
  fs.rmSync(scratch, { recursive: true });
});

let path: string;
beforeEach(() => {
  path = fs.mkdtempSync(join(scratch, 'one-'));
});
afterEach(() => {
  fs.rmSync(path, { recursive: true });
});

async function withCollection<T>(
  directory: string,
  work: (collection: mongoose.mongo.Collection<{ n: number; text: string }>) => Promise<T>,
): Promise<T> {
  const store = await EmbeddedMongo.open({ path: directory });
  const client = await new mongoose.mongo.MongoClient(store.uri, { maxPoolSize: 4 }).connect();
  const result = await work(client.db('d').collection('c'));
  await client.close();
  await store.close();
  return result;
}

const countAll = (directory: string) =>
  withCollection(directory, async (collection) => (await collection.find().toArray()).length);

/** The error of opening a store with these bytes, in this process, so that a crash would be noticed. */
async function refusalOf(bytes: Buffer): Promise<string> {
  fs.writeFileSync(join(path, 'store.mdb'), bytes);
  const opened = EmbeddedMongo.open({ path }).then(async (store) => {
    await store.close();
    return 'opened';
  });
  return opened.catch((error: unknown) => (error as Error).message);
}

const ADVICE = 'Restore the last backup (docs/operations.md, "Backup and restore").';

describe('a damaged data file', () => {
  it('is refused at every truncated length, with its name and advice', async () => {
    const lengths = Array.from({ length: 60 }, (_, i) => Math.floor((filled.length * i) / 60));
    for (const length of [1, 24, 100, 4095, 4096, 4097, 8191, 8192, 8193, ...lengths.slice(1)]) {
      const said = await refusalOf(filled.subarray(0, length));
      expect({ length, said }).toEqual({ length, said: expect.stringContaining(join(path, 'store.mdb')) });
      expect(said).toContain(ADVICE);
    }
  }, 60_000);

  it.each([
    ['the mark of the first meta page', 24],
    ['the mark of the second', 4096 + 24],
    ['the format of the first', 28],
    ['the page size of the first', 48],
    ['the page size of the second', 4096 + 48],
  ])('is refused if %s is damaged', async (_, at) => {
    const bytes = Buffer.from(filled);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    expect(await refusalOf(bytes)).toBe(
      `${join(path, 'store.mdb')} was not written by this store, or it is damaged. ${ADVICE}`,
    );
  });

  it.each([
    ['root of the documents', 136],
    ['root of the free pages', 88],
  ])('is refused if the %s is out of reach', async (_, at) => {
    const bytes = Buffer.from(filled);
    for (const meta of [0, 4096]) bytes.writeBigUInt64LE(2n ** 40n, meta + at);
    expect(await refusalOf(bytes)).toContain(`${join(path, 'store.mdb')} is damaged`);
  });

  it('is refused if it is short, and its pages lead nowhere or in circles', async () => {
    const [root, last] = [136, 144].map((at) =>
      Math.max(...[0, 4096].map((meta) => Number(filled.readBigUInt64LE(meta + at)))),
    );
    for (const spoil of [
      (bytes: Buffer, page: number) => bytes.writeUInt16LE(page === 0 ? 0 : 4095, page + 24),
      (bytes: Buffer, page: number) =>
        bytes.writeUInt32LE(root ?? 0, page + 24 + bytes.readUInt16LE(page + 24)),
    ]) {
      const bytes = Buffer.from(filled);
      for (const meta of [0, 4096]) bytes.writeBigUInt64LE(BigInt((last ?? 0) + 1), meta + 144);
      for (let page = 8192; page < bytes.length; page += 4096)
        if (bytes.readUInt16LE(page + 18) === 1) spoil(bytes, page);
      expect(await refusalOf(bytes)).toContain('is damaged');
    }
  });
});

it('is opened and extended if it lacks only free pages, which LMDB never wrote', async () => {
  const bytes = Buffer.from(filled);
  const lastPage = bytes.length / 4096 + 9;
  for (const meta of [0, 4096]) bytes.writeBigUInt64LE(BigInt(lastPage), meta + 144);
  fs.writeFileSync(join(path, 'store.mdb'), bytes);
  expect(await countAll(path)).toBe(40 * 21);
  expect(fs.statSync(join(path, 'store.mdb')).size).toBeGreaterThanOrEqual((lastPage + 1) * 4096);
});
