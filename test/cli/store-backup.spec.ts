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
  it('copies a store that is in use, and overwrites none', async () => {
    const [from, to] = [join(directory, 'data'), join(directory, 'copy')];
    const source = await open(from);
    await source.things.insertOne({ _id: 0, text: 'first' });
    const back = () => runCommand('store-backup', '--from', from, '--to', to);

    const stdout = `The store in ${from} was copied to ${to}\n`;
    expect(await back()).toMatchObject({ code: 0, stdout, stderr: '' });
    const copy = await open(to);
    expect(await copy.things.find().toArray()).toEqual([{ _id: 0, text: 'first' }]);
    await copy.close();
    await source.close();

    expect(await back()).toMatchObject({ code: 1, stderr: `There is a store in ${to} already.\n` });
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
