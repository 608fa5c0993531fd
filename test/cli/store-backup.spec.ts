import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedMongo } from 'embedded-mongo';
import mongoose from 'mongoose';
import { runCommand } from './command.js';

const { MongoClient } = mongoose.mongo;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-backup-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Opens the store in a directory. */
async function open(path: string) {
  const store = await EmbeddedMongo.open({ path });
  const client = await new MongoClient(store.uri).connect();
  return {
    things: client.db('test').collection<{ _id: number; text: string }>('things'),
    close: async () => {
      await client.close();
      await store.close();
    },
  };
}

describe('npm run store:backup', () => {
  it('copies a store while it is written to, as it was at one moment', async () => {
    const [from, to] = [join(directory, 'data'), join(directory, 'copy')];
    const source = await open(from);
    await source.things.insertOne({ _id: 0, text: 'first' });
    let isDone = false;
    const write = async () => {
      let last = 0;
      while (!isDone) await source.things.insertOne({ _id: ++last, text: 'x'.repeat(5000) });
      return last;
    };
    const writing = write();

    const { code, stdout, stderr } = await runCommand('store-backup', '--from', from, '--to', to);
    isDone = true;
    const last = await writing;

    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `The store in ${from} was copied to ${to}\n`,
      stderr: '',
    });
    const copy = await open(to);
    const all = await copy.things.find().sort({ _id: 1 }).toArray();
    expect(all.map(({ _id }) => _id)).toEqual(all.map((_, index) => index));
    expect(all.length).toBeLessThanOrEqual(last + 1);
    expect(await source.things.find({ _id: { $lt: all.length } }).toArray()).toEqual(all);
    await copy.close();
    await source.close();

    const again = await runCommand('store-backup', '--from', from, '--to', to);
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: `There is a store in ${to} already.\n` });
  });

  it('says what is missing', async () => {
    const none = join(directory, 'none');
    const outcomes = await Promise.all([
      runCommand('store-backup', '--from', none, '--to', join(directory, 'copy')),
      runCommand('store-backup', '--from', none),
    ]);
    expect(outcomes[0]).toMatchObject({ code: 1, stderr: `There is no store in ${none}.\n` });
    expect(outcomes[1].code).toBe(64);
    expect(outcomes[1].stderr).toMatch(/^--to is missing/);
    expect(readdirSync(directory)).toEqual([]);
  });
});
