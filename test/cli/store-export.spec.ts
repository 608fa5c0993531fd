import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from 'embedded-mongo';
import { withDatabase } from '../support/store.js';
import { until } from '../support/until.js';
import { type Outcome, runCommand, startCommand } from './command.js';

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
  await fill(source.db, SIZE);
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

const startedAt = new Date('2024-05-01T10:00:00.123Z');

function aSession(n: number) {
  const life =
    n % 2
      ? { status: 'active', endedAt: null, finalSequence: null }
      : { status: 'completed', endedAt: new Date(), finalSequence: 60 };
  const metadata = { 'a.b': 1.5, constructor: [{ deep: [null, true] }], tags: [], big: 2 ** 40 };
  return { sessionId: `s${n}`, initialStatus: 'active', language: 'en', startedAt, ...life, metadata };
}

function anEvent(session: number, sequence: number) {
  const timestamp = new Date(startedAt.getTime() + sequence);
  const payload = { 1: 'one', text: 'ü'.repeat(sequence), n: sequence / 4, list: [1, { x: 'y' }] };
  const keys = { sessionId: `s${session}`, eventId: `e${sequence}`, sequence };
  return { ...keys, type: 'user_speech', timestamp, receivedAt: timestamp, payload };
}

async function fill(db: Db, { sessions, events }: Size): Promise<void> {
  await db
    .collection('sessions')
    .createIndexes([{ key: { sessionId: 1 }, unique: true, name: 'session_by_id' }]);
  await db.collection('events').createIndexes([
    { key: { sessionId: 1, eventId: 1 }, unique: true, name: 'event_by_id' },
    { key: { sessionId: 1, sequence: 1 }, unique: true, name: 'event_by_sequence' },
    { key: { sessionId: 1, timestamp: 1, sequence: 1 }, name: 'event_by_time' },
  ]);
  const numbers = Array.from({ length: sessions }, (_, n) => n);
  await db.collection('sessions').insertMany(numbers.map(aSession));
  const sequences = Array.from({ length: events }, (_, n) => n + 1);
  await db.collection<{ _id: string }>('deletions').insertOne({ _id: 'gone' });
  await db.collection('events').insertMany(numbers.flatMap((n) => sequences.map((at) => anEvent(n, at))));
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

  it('copies everything with types and indexes, and changes nothing when it is run twice', async () => {
    expectSuccess(await run(), { sessions: SIZE.sessions, events: SIZE.sessions * SIZE.events }, SIZE);
    expect(await contentsOf(target.db)).toEqual(contents);

    expectSuccess(await run(), {}, SIZE);
    expect(await contentsOf(target.db)).toEqual(contents);
  });

  it('goes on where it was stopped', async () => {
    const stopped = startCommand('store-export', '--from', from, '--to', target.uri);
    await until(async () => (await target.db.collection('sessions').find().toArray()).length > 0, 30_000);
    stopped.signal('SIGKILL');
    await stopped.ended;
    // The state after a kill at a chosen point: some documents exist, others do not.
    await target.db.collection('events').deleteMany({ sequence: { $gt: 20 } });

    expect(await run()).toMatchObject({ code: 0, stderr: '' });

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

// Concurrent, since starting processes takes nearly all the time.
describe('npm run store:export', () => {
  const newDirectory = () => mkdtempSync(join(directory, 'one-'));

  it.concurrent('tells a target that can’t be reached, and shows no password', async () => {
    const path = newDirectory();
    cpSync(from, path, { recursive: true });
    const to = 'mongodb://me:secret@127.0.0.1:1/mine?serverSelectionTimeoutMS=200';
    const { code, stderr } = await runCommand('store-export', '--from', path, '--to', to);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'connect ECONNREFUSED 127.0.0.1:1\n' });
  });

  it.concurrent('tells a source that is in use', async () => {
    const path = newDirectory();
    const service = await EmbeddedMongo.open({ path });
    const { code, stderr } = await runCommand(
      'store-export',
      '--from',
      path,
      '--to',
      'mongodb://127.0.0.1:1',
    );
    await service.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `The data directory ${path} is already in use by the process with pid ${process.pid} on ${hostname()}.\n`,
    );
  });

  it.concurrent('tells a directory without a store, and makes none', async () => {
    const path = newDirectory();
    const { code, stderr } = await runCommand(
      'store-export',
      '--from',
      path,
      '--to',
      'mongodb://127.0.0.1:1',
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: `There is no store in ${path}.\n` });
    expect(readdirSync(path)).toEqual([]);
  });

  it.concurrent.each([
    [[], '--to must be the URI of a MongoDB: mongodb://… or mongodb+srv://…'],
    [['--to', '/data'], '--to must be the URI of a MongoDB: mongodb://… or mongodb+srv://…'],
    [['--to', 'mongodb://h', '--form', 'x'], "Unknown option '--form'"],
  ])('reports the fault of %j, and shows the usage', async (args, sentence) => {
    const { code, stderr } = await runCommand('store-export', ...args);
    expect(code).toBe(64);
    expect(stderr).toMatch(/^[^\n]+\n\nUsage: npm run store:export -- /);
    expect(stderr.startsWith(sentence)).toBe(true);
  });
});
