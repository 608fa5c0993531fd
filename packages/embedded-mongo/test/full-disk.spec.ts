import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { type StoreProcess, startStoreProcess } from './support/store-process.js';

const { MongoClient, MongoServerError } = mongoose.mongo;

const OUT_OF_DISK_SPACE = 14031;
const FULL_BYTES = 6_000_000;
const COLLECTIONS = ['a', 'b', 'c'];

interface Item {
  readonly _id: number;
  readonly place: number;
  readonly text: string;
}

/** Limits the files of a process to `bytes`: writes beyond fail, as on a full disk. */
function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}

function canLimitFiles(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const possible = canLimitFiles();
if (!possible) console.log('full-disk.spec.ts is skipped: there is no prlimit (Linux) to limit a file with');

(possible ? describe : describe.skip)('a store whose disk is full', () => {
  let path: string;
  let store: StoreProcess;
  let client: mongoose.mongo.MongoClient;
  let stored: Map<string, Item>;
  let lastId = 0;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'full-'));
    stored = new Map();
    await open();
    const made = client.db('full').collection('a');
    await made.createIndex({ place: 1 }, { unique: true }, {});
    await fill();
  }, 60_000);
  afterEach(async () => {
    await client.close();
    await store.kill();
    await rm(path, { recursive: true });
  });

  async function open(): Promise<void> {
    store = await startStoreProcess(path);
    client = new MongoClient(store.uri);
  }

  /** Inserts documents of this size with one command; records them if it succeeds, and returns the code if not. */
  async function insert(name: string, size: number, count = 1): Promise<unknown> {
    const documents = Array.from({ length: count }, (): Item => {
      const _id = ++lastId;
      return { _id, place: -_id, text: String(_id).repeat(size).slice(0, size) };
    });
    try {
      await client.db('full').collection<Item>(name).insertMany(documents);
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      return error.code;
    }
    for (const document of documents) stored.set(`${name} ${document._id}`, document);
    return undefined;
  }

  async function fill(): Promise<void> {
    limitFiles(store.pid, FULL_BYTES);
    let code: unknown;
    while (code === undefined) code = await insert('a', 200_000);
    expect(code).toBe(OUT_OF_DISK_SPACE);
  }

  async function expectExactlyWhatIsStored(): Promise<void> {
    const found = new Map<string, Item>();
    for (const { name } of await client.db('full').listCollections().toArray()) {
      const collection = client.db('full').collection<Item>(name);
      const items = await collection.find().toArray();
      for (const item of items) found.set(`${name} ${item._id}`, item);
      for (const { key } of await collection.listIndexes().toArray()) {
        // The sort forces the store to use an index.
        const byIndex = await collection.find({}, { sort: key as mongoose.mongo.Sort }).toArray();
        expect(byIndex).toHaveLength(items.length);
        expect(new Set(byIndex.map(({ _id }) => _id))).toEqual(new Set(items.map(({ _id }) => _id)));
      }
      expect(await collection.estimatedDocumentCount()).toBe(items.length);
    }
    expect(found.size).toBe(stored.size);
    expect(found).toEqual(stored);
  }

  it('refuses a write as a whole, and still reads', async () => {
    expect(await insert('a', 100_000, 10)).toBe(OUT_OF_DISK_SPACE);
    expect(await insert('new', 1_000_000)).toBe(OUT_OF_DISK_SPACE);
    await expectExactlyWhatIsStored();
    const collections = await client.db('full').listCollections().toArray();
    expect(collections.map(({ name }) => name)).toEqual(['a']);
  });

  it('stores again when there is space, without a restart', async () => {
    limitFiles(store.pid, 'unlimited');
    expect(await insert('a', 1_000_000)).toBeUndefined();
    await expectExactlyWhatIsStored();
    const [{ place } = { place: 0 }] = stored.values();
    const twin = { _id: ++lastId, place, text: '' };
    await expect(client.db('full').collection<Item>('a').insertOne(twin)).rejects.toMatchObject({
      code: 11000,
    });
    const lines = store.stderr().match(/^.*\bdisk\b.*$/gim);
    expect(lines).toEqual([
      expect.stringMatching(
        /^The disk refused a write \(is it full\?\): .+\. What finds no room is refused; reads go on\.$/,
      ),
      'The disk takes writes again.',
    ]);
  });

  it('keeps exactly what it acknowledged, of many writers that find space or not', async () => {
    const outcomes = new Set<unknown>();
    for (let round = 0; round < 8; round++) {
      // Now and then there is a little more space; small documents fit more often than large ones.
      limitFiles(store.pid, FULL_BYTES + round * 150_000);
      const sizes = Array.from({ length: 24 }, (_, n) => (n % 3 === 0 ? 60_000 : 50));
      const codes = sizes.map((size, n) => insert(COLLECTIONS[n % 3] ?? 'a', size, 1 + (n % 2)));
      for (const code of await Promise.all(codes)) outcomes.add(code);
      await expectExactlyWhatIsStored();
    }
    expect(outcomes).toEqual(new Set([undefined, OUT_OF_DISK_SPACE]));

    await client.close();
    await store.kill();
    await open();
    await expectExactlyWhatIsStored();
  }, 60_000);
});
