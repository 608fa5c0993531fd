import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo, EmbeddedMongoError } from '../src/index.js';
import { Engine } from '../src/storage/engine.js';
import { startStoreProcess } from './support/store-process.js';

let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => {
  rmSync(path, { recursive: true, force: true });
});

async function refusalOf(directory: string): Promise<string> {
  const error: unknown = await EmbeddedMongo.open({ path: directory }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EmbeddedMongoError);
  return (error as Error).message;
}

it('tells a second process who owns the directory, and admits it when the owner was killed', async () => {
  const owner = await startStoreProcess(path);
  expect(await refusalOf(path)).toBe(
    `The data directory ${path} is already in use by the process with pid ${owner.pid} on ${hostname()}.`,
  );
  await expect(startStoreProcess(path)).rejects.toThrow(`pid ${owner.pid}`);
  await owner.kill();
  const mongo = await EmbeddedMongo.open({ path });
  await mongo.close();
});

it('admits one of many processes that start at the same moment', async () => {
  for (let round = 0; round < 3; round++) {
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => startStoreProcess(path)));
    const owners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(owners).toHaveLength(1);
    for (const owner of owners) await owner.kill();
  }
  const mongo = await EmbeddedMongo.open({ path });
  await mongo.close();
});

it('refuses a second store of the same process on one directory', async () => {
  const mongo = await EmbeddedMongo.open({ path });
  expect(await refusalOf(path)).toContain(`the process with pid ${process.pid}`);
  await mongo.close();
  await (await EmbeddedMongo.open({ path })).close();
});

describe('the lock is on the data file itself', () => {
  it('a removed owner.lock does not let a second process in', async () => {
    const owner = await startStoreProcess(path);
    rmSync(join(path, 'owner.lock'));
    const said = `The data directory ${path} is already in use by another process.`;
    expect(await refusalOf(path)).toBe(said);
    await expect(startStoreProcess(path)).rejects.toThrow(said);
    await owner.kill();
    await (await EmbeddedMongo.open({ path })).close();
  });

  it.each([
    ['a symbolic link', symlinkSync],
    ['a hard link', linkSync],
  ])('%s to the data file of another directory is the same store', async (kind, link) => {
    const owner = await startStoreProcess(join(path, 'first'));
    mkdirSync(join(path, 'second'));
    link(join(path, 'first', 'store.mdb'), join(path, 'second', 'store.mdb'));
    const who =
      kind === 'a hard link' ? 'another process' : `the process with pid ${owner.pid} on ${hostname()}`;
    const said = `The data directory ${join(path, 'second')} is already in use by ${who}.`;
    await expect(startStoreProcess(join(path, 'second'))).rejects.toThrow(said);
    expect(await refusalOf(join(path, 'second'))).toBe(said);
    await owner.kill();
  });
});

describe('a mounted volume', () => {
  it('may have a lost+found', async () => {
    mkdirSync(join(path, 'lost+found'));
    await (await EmbeddedMongo.open({ path })).close();
    expect(readdirSync(path)).toContain('lost+found');
  });

  const isRoot = process.getuid?.() === 0;
  if (!isRoot) console.log('ownership.spec.ts tries no directory of another owner: only root can make one');
  (isRoot ? describe : describe.skip)('of another owner', () => {
    it('keeps its mode, and the socket is private', async () => {
      chownSync(path, 12345, 12345);
      chmodSync(path, 0o777);
      const mongo = await EmbeddedMongo.open({ path });
      expect(statSync(path).mode & 0o777).toBe(0o777);
      expect(statSync(join(path, 'mongo.sock')).mode & 0o777).toBe(0o600);
      await mongo.close();
    });
  });
});

it('refuses a directory that holds something else, and does not change it', async () => {
  writeFileSync(join(path, 'thesis.txt'), 'years of work');
  expect(await refusalOf(path)).toContain('holds something else (thesis.txt)');
  expect(readdirSync(path)).toEqual(['thesis.txt']);
});

it('refuses a data file of another program', async () => {
  writeFileSync(join(path, 'store.mdb'), Buffer.alloc(16384, 'x'));
  expect(await refusalOf(path)).toContain('was not written by this store');
  writeFileSync(join(path, 'store.mdb'), '');
  await (await EmbeddedMongo.open({ path })).close();
});

describe('a store of another version', () => {
  /** The format that a store is stamped with, after it was changed if one is given. */
  async function formatIn(format?: number): Promise<unknown> {
    await (await EmbeddedMongo.open({ path })).close();
    const engine = Engine.open(join(path, 'store.mdb'), () => undefined);
    const [stamp] = engine.entries({ from: Buffer.of(0), to: Buffer.of(255) }, false, 1);
    if (!stamp) throw new Error('there is no format');
    if (format !== undefined) {
      const changed = Buffer.from(mongoose.mongo.BSON.serialize({ format }));
      await engine.write(() => {
        engine.put(stamp.key, changed);
      });
    }
    await engine.close();
    return mongoose.mongo.BSON.deserialize(stamp.value);
  }

  it('is refused where it is newer', async () => {
    await formatIn(1000);
    expect(await refusalOf(path)).toContain('has the format 1000, and this version knows up to 2;');
  });

  it('is taken over where it is older, and refused by older ones from then on', async () => {
    await formatIn(1);
    expect(await formatIn()).toEqual({ format: 2 });
  });
});

it('refuses a path that is not a directory or not writable', async () => {
  const file = join(path, 'file');
  writeFileSync(file, '');
  for (const place of [file, join(file, 'inside'), join(file, 'far', 'inside')]) {
    expect(await refusalOf(place)).toMatch(/ can't be used: (ENOTDIR|EEXIST): /);
  }
});

it('keeps the directory private and removes its socket when it closes', async () => {
  const directory = join(path, 'new');
  const mongo = await EmbeddedMongo.open({ path: directory });
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(existsSync(join(directory, 'mongo.sock'))).toBe(true);
  await mongo.close();
  expect(existsSync(join(directory, 'mongo.sock'))).toBe(false);
});

it('puts the socket elsewhere when the path is too long for one', async () => {
  const long = join(path, 'd'.repeat(120));
  mkdirSync(long);
  chmodSync(long, 0o700);
  const mongo = await EmbeddedMongo.open({ path: long });
  const [, socket = ''] =
    /^mongodb:\/\/(\/.{1,102}\.sock)\/\?directConnection=true$/.exec(decodeURIComponent(mongo.uri)) ?? [];
  expect(socket).not.toBe('');
  const client = await new mongoose.mongo.MongoClient(mongo.uri).connect();
  expect(await client.db('test').command({ ping: 1 })).toMatchObject({ ok: 1 });
  await client.close();
  await mongo.close();

  const elsewhere = dirname(socket);
  chmodSync(elsewhere, 0o755); // as another user might have created it first
  expect(await refusalOf(long)).toContain(`${elsewhere} belongs to somebody else`);
  rmSync(elsewhere, { recursive: true });
});

it('answers the commands in flight before it closes', async () => {
  const mongo = await EmbeddedMongo.open({ path });
  const client = await new mongoose.mongo.MongoClient(mongo.uri, { serverSelectionTimeoutMS: 200 }).connect();
  const writes = Array.from({ length: 20 }, (_, n) =>
    client.db('test').collection<{ n: number }>('c').insertOne({ n }),
  );
  const outcomes = Promise.allSettled(writes);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await mongo.close();
  const acknowledged = (await outcomes).filter(({ status }) => status === 'fulfilled').length;
  await client.close();
  const again = await EmbeddedMongo.open({ path });
  const reader = await new mongoose.mongo.MongoClient(again.uri).connect();
  const stored = await reader.db('test').collection('c').find().toArray();
  expect(stored.length).toBeGreaterThanOrEqual(acknowledged);
  await reader.close();
  await again.close();
});
