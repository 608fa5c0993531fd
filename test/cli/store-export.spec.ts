import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from 'embedded-mongo';
import { withDatabase } from '../support/store.js';
import { type Outcome, runCommand } from './command.js';

const { MongoClient, ObjectId } = mongoose.mongo;
type Db = mongoose.mongo.Db;

const DATABASE = 'conversations';
/** More events than in one batch of the export. */
const SIZE = { sessions: 20, events: 60 };
type Size = typeof SIZE;

interface Place {
  readonly uri: string;
  readonly db: Db;
  close(): Promise<void>;
}

/** A store that is filled once. */
let from: string;
let contents: unknown;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'store-export-'));
  from = join(directory, 'source');
  const source = await openEmbedded(from);
  await fill(source.db);
  contents = await contentsOf(source.db);
  await source.close();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** An embedded store in this process, on TCP. */
async function openEmbedded(path: string): Promise<Place> {
  const store = await EmbeddedMongo.open({ path, listen: { host: '127.0.0.1', port: 0 } });
  const client = await new MongoClient(store.uri).connect();
  return {
    uri: store.uri,
    db: client.db(DATABASE),
    close: async () => {
      await client.close();
      await store.close();
    },
  };
}

/** A database of its own on `TEST_MONGODB_URI`. */
async function openShared(server: string): Promise<Place> {
  const uri = withDatabase(server, `export_${new ObjectId().toHexString()}`);
  const client = await new MongoClient(uri).connect();
  return {
    uri,
    db: client.db(),
    close: async () => {
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

/** What sessions and events have, in all types of BSON that the service stores. */
async function fill(db: Db): Promise<void> {
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
  const key = { sessionId: 1, sequence: 1 } as const;
  await db.collection('sessions').createIndex({ sessionId: 1 }, { unique: true, name: 'session_by_id' }, {});
  await db.collection('events').createIndex(key, { unique: true, name: 'event_by_sequence' }, {});
  const metadata = { 'a.b': 1.5, constructor: [{ deep: [null, true] }], tags: [], big: 2 ** 40 };
  const session = { status: 'completed', endedAt: new Date(), finalSequence: 60, metadata };
  await db
    .collection('sessions')
    .insertMany(numbers(SIZE.sessions).map((n) => ({ sessionId: `s${n}`, ...session })));
  await db.collection<{ _id: string }>('deletions').insertOne({ _id: 'gone' });
  const events = numbers(SIZE.sessions).flatMap((session) =>
    numbers(SIZE.events).map((n) => ({
      sessionId: `s${session}`,
      sequence: n + 1,
      timestamp: new Date(1.7e12 + n),
      payload: { 1: 'one', text: 'ü'.repeat(n), n: n / 4, list: [1, { x: 'y' }] },
    })),
  );
  await db.collection('events').insertMany(events);
}

/** All documents, with the BSON types of the values. */
async function contentsOf(db: Db): Promise<unknown> {
  const contents: Record<string, unknown> = {};
  for (const name of ['sessions', 'events', 'deletions']) {
    const all = await db.collection(name).find({}, { promoteValues: false }).sort({ _id: 1 }).toArray();
    const indexes = await db.collection(name).indexes();
    contents[name] = {
      all: all.map((one) => mongoose.mongo.BSON.EJSON.stringify(one, { relaxed: false })),
      indexes: indexes.map(({ key, name: index, unique = false }) => ({ key, index, unique })),
    };
  }
  return contents;
}

function expectSuccess(outcome: Outcome, copied: Partial<Size>, { sessions, events }: Size): void {
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const line = (name: string, now = 0, all: number) =>
    `${name}: ${count(now)} copied, ${count(all - now)} were there; the target holds ${count(all)}\n`;
  expect(outcome.stdout).toContain(line('sessions', copied.sessions, sessions));
  expect(outcome.stdout).toContain(line('events', copied.events, sessions * events));
}

const count = (number: number) => number.toLocaleString('en');

const shared = process.env['TEST_MONGODB_URI'];
const kinds: [string, () => Promise<Place>][] = [
  ['another embedded store', () => openEmbedded(mkdtempSync(join(directory, 'target-')))],
  ...(shared
    ? [['TEST_MONGODB_URI', () => openShared(shared)] satisfies [string, () => Promise<Place>]]
    : []),
];

describe.each(kinds)('npm run store:export to %s', (_, openTarget) => {
  let target: Place;

  beforeEach(async () => {
    target = await openTarget();
  });
  afterEach(() => target.close());

  const run = () => runCommand('store-export', '--from', from, '--to', target.uri);

  it('copies everything with types and indexes, and goes on where it was stopped', async () => {
    const all = SIZE.sessions * SIZE.events;
    expectSuccess(await run(), { sessions: SIZE.sessions, events: all }, SIZE);
    expect(await contentsOf(target.db)).toEqual(contents);

    await target.db.collection('events').deleteMany({ sequence: { $gt: SIZE.events / 2 } });
    expectSuccess(await run(), { events: all / 2 }, SIZE);
    expect(await contentsOf(target.db)).toEqual(contents);
  });

  it('leaves what the target has alone, and names what is in the way', async () => {
    const sessions = target.db.collection('sessions');
    await sessions.insertOne({ sessionId: 'theirs' });
    expect((await run()).stdout).toContain(`the target holds ${SIZE.sessions + 1}\n`);
    await sessions.updateOne({ sessionId: 's1' }, { $set: { status: 'failed' } });
    const before = await contentsOf(target.db);

    const { code, stderr } = await run();

    expect(code).toBe(1);
    const s1 = await sessions.findOne({ sessionId: 's1' });
    expect(stderr).toBe(
      `sessions: the target holds another document {"$oid":"${String(s1?._id)}"}. Name an empty database.\n`,
    );
    expect(await contentsOf(target.db)).toEqual(before);
  });
});

describe('npm run store:export', () => {
  const newDirectory = () => mkdtempSync(join(directory, 'one-'));

  it('tells a target that can’t be reached and shows no password, and a source that is in use or not there', async () => {
    const [copied, used, empty] = [newDirectory(), newDirectory(), newDirectory()];
    cpSync(from, copied, { recursive: true });
    const owner = await EmbeddedMongo.open({ path: used });
    const nowhere = 'mongodb://me:secret@127.0.0.1:1/mine?serverSelectionTimeoutMS=200';
    const outcomes = await Promise.all(
      [copied, used, empty].map((path) => runCommand('store-export', '--from', path, '--to', nowhere)),
    );
    await owner.close();

    expect(outcomes.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 1, stderr: 'connect ECONNREFUSED 127.0.0.1:1\n' },
      {
        code: 1,
        stderr: `The data directory ${used} is already in use by the process with pid ${process.pid} on ${hostname()}.\n`,
      },
      { code: 1, stderr: `There is no store in ${empty}.\n` },
    ]);
    expect(readdirSync(empty)).toEqual([]);
  });

  it('shows its usage where the target is no MongoDB', async () => {
    const { code, stderr } = await runCommand('store-export', '--to', '/data');
    expect(code).toBe(64);
    expect(stderr).toMatch(/^--to must be the URI of a MongoDB: [^\n]+\n\nUsage: npm run store:export -- /);
  });
});
