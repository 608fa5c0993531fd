import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from 'embedded-mongo';
import { withDatabase } from '../support/store.js';
import { type Outcome, runCommand, startCommand } from './support/command.js';

const { MongoClient, ObjectId } = mongoose.mongo;
type Db = mongoose.mongo.Db;
type BsonDocument = mongoose.mongo.BSON.Document;

const DATABASE = 'conversations';
/** More events than in one batch of the export. */
const LARGE = { sessions: 20, events: 60 };
const SMALL = { sessions: 4, events: 10 };
type Size = typeof LARGE;

interface Place {
  readonly uri: string;
  readonly db: Db;
  close(): Promise<void>;
}

/** Directories of stores that are filled once; each test uses a copy. */
let filled: string;
let contents: Map<Size, unknown>;
let sessions: BsonDocument[];
let directory: string;
beforeAll(async () => {
  filled = mkdtempSync(join(tmpdir(), 'export-source-'));
  contents = new Map();
  for (const size of [LARGE, SMALL]) {
    const source = await openEmbedded(filledWith(size));
    await fill(source.db, size);
    contents.set(size, await contentsOf(source.db));
    sessions = await sessionsOf(source.db);
    await source.close();
  }
});
afterAll(() => {
  rmSync(filled, { recursive: true, force: true });
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'export-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function filledWith(size: Size): string {
  return join(filled, String(size.sessions));
}

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
  await db.collection('events').insertMany(numbers.flatMap((n) => sequences.map((at) => anEvent(n, at))));
}

/**
 * Deletes a session as the service does, up to its response: the events are still there, followed by the closing mark.
 */
async function remove(db: Db, sessionId: string): Promise<void> {
  await db.collection<{ _id: string }>('deletions').insertOne({ _id: sessionId });
  await db.collection('sessions').replaceOne({ sessionId }, { sessionId, deletedAt: new Date() });
  await db.collection('events').insertOne({ sessionId, eventId: ' ', sequence: 1000, closed: true });
}

/** All documents, with the BSON types of the values. */
async function contentsOf(db: Db): Promise<unknown> {
  const contents: Record<string, unknown> = {};
  for (const name of ['sessions', 'events']) {
    const all = await db.collection(name).find({}, { promoteValues: false }).sort({ _id: 1 }).toArray();
    const indexes = await db.collection(name).indexes();
    contents[name] = {
      all: all.map((one) => mongoose.mongo.BSON.EJSON.stringify(one, { relaxed: false })),
      indexes: indexes.map(({ key, name: index, unique = false }) => ({ key, index, unique })),
    };
  }
  return contents;
}

/** The sessions, with the BSON types of all values. */
async function sessionsOf(db: Db): Promise<BsonDocument[]> {
  const all: unknown[] = await db.collection('sessions').find({}, { raw: true }).toArray();
  return all.map((raw) => mongoose.mongo.BSON.deserialize(raw as Uint8Array, { promoteValues: false }));
}

function expectSuccess(outcome: Outcome, { sessions, events }: Size): void {
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const all = (sessions * events).toLocaleString('en');
  expect(outcome.stdout).toContain(`sessions: all ${sessions} are at the target, with the same content`);
  expect(outcome.stdout).toContain(`\nevents: all ${all} are at the target, with the same content`);
}

const shared = process.env['TEST_MONGODB_URI'];
const kinds: [string, () => Promise<Place>][] = [
  ['another embedded store', () => openEmbedded(join(directory, 'target'))],
  ...(shared
    ? [['TEST_MONGODB_URI', () => openShared(shared)] satisfies [string, () => Promise<Place>]]
    : []),
];

describe.each(kinds)('npm run store:export to %s', (_, openTarget) => {
  let from: string;
  let target: Place;

  beforeEach(async () => {
    from = join(directory, 'source');
    target = await openTarget();
  });
  afterEach(() => target.close());

  const take = (size: Size) => {
    cpSync(filledWith(size), from, { recursive: true });
  };
  const run = () => runCommand('export', '--from', from, '--to', target.uri);

  it('copies everything with types and indexes, and changes nothing when it is run twice', async () => {
    take(LARGE);
    const first = await run();
    expectSuccess(first, LARGE);
    expect(first.stdout).not.toContain('\r');
    expect(first.stdout).toMatch(/^Copying events: 1,200 of 1,200$/m);
    expect(await contentsOf(target.db)).toEqual(contents.get(LARGE));

    expectSuccess(await run(), LARGE);
    expect(await contentsOf(target.db)).toEqual(contents.get(LARGE));
  });

  it('continues where it was killed', async () => {
    take(LARGE);
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const killed = startCommand('export', '--from', from, '--to', target.uri);
      await killed.wrote(signal === 'SIGKILL' ? /^Copying events/m : /^Checking sessions/m);
      killed.signal(signal);
      const { code, stderr } = await killed.ended;
      expect(code).toBe(signal === 'SIGKILL' ? null : 143);
      expect(stderr).toMatch(signal === 'SIGKILL' ? /^$/ : /SIGTERM: stopped\. Run the same command again/);
      // The state after a kill at a chosen point: some documents exist, others do not.
      await target.db.collection('events').deleteMany({ sequence: { $gt: 20 } });
    }
    expectSuccess(await run(), LARGE);
    expect(await contentsOf(target.db)).toEqual(contents.get(LARGE));
  });

  it('copies from a running store, and updates what has changed since', async () => {
    take(SMALL);
    const source = await openEmbedded(from);
    const fromUri = () => runCommand('export', '--from', source.uri, '--to', target.uri);
    expectSuccess(await fromUri(), SMALL);
    const inSource = source.db.collection('sessions');
    await inSource.updateOne(
      { sessionId: 's1' },
      { $set: { status: 'failed', endedAt: new Date(), endedAtGiven: true, finalSequence: 61 } },
    );
    await source.db.collection('events').insertOne(anEvent(1, 61));
    const createdMetadata = aSession(2).metadata;
    for (const metadataRevision of [1, 2]) {
      const patched = { metadata: { metadataRevision }, metadataRevision, createdMetadata };
      await inSource.updateOne({ sessionId: 's2' }, { $set: patched });
      expect(await fromUri()).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await contentsOf(target.db)).toEqual(await contentsOf(source.db));
    await source.close();
  });

  it('skips the events of a deleted session, and removes them at the target', async () => {
    take(SMALL);
    const source = await openEmbedded(from);
    const fromUri = () => runCommand('export', '--from', source.uri, '--to', target.uri);
    await remove(source.db, 's0');
    expect(await fromUri()).toMatchObject({ code: 0, stderr: '' });
    expect(await target.db.collection('events').countDocuments({ sessionId: 's0' })).toBe(0);

    await remove(source.db, 's1');
    const { stdout } = await fromUri();
    expect(stdout).toContain(`events: all ${2 * SMALL.events} are at the target, with the same content`);
    expect(await target.db.collection('events').countDocuments({ sessionId: { $in: ['s0', 's1'] } })).toBe(0);
    expect(await sessionsOf(target.db)).toEqual(await sessionsOf(source.db));
    await source.close();
  });

  it('leaves other data of the target alone', async () => {
    take(SMALL);
    await target.db.collection('sessions').insertOne(aSession(1000));
    const outcome = await run();
    expectSuccess(outcome, SMALL);
    expect(outcome.stdout).toContain(`same content (it holds ${SMALL.sessions + 1})`);
  });

  it('names conflicting documents with the same id, including a session that has changed at the target', async () => {
    take(SMALL);
    const further = { ...sessions[1], status: 'failed' } as unknown as BsonDocument;
    const other = { ...sessions[3], language: 'fr' } as unknown as BsonDocument;
    await target.db.collection('sessions').insertMany([further, other]);

    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toBe(
      'The target has documents that differ from the source. They were left unchanged:\n' +
        `  sessions: the document with _id {"$oid":"${String(further['_id'])}"} differs\n` +
        `  sessions: the document with _id {"$oid":"${String(other['_id'])}"} differs\n`,
    );
    expect(await sessionsOf(target.db)).toEqual([further, other]);
  });

  it('names conflicting documents with the same keys under another id', async () => {
    take(SMALL);
    const theirs = await target.db.collection('events').insertOne({ ...anEvent(2, 7), eventId: 'theirs' });

    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toBe(
      'The target has documents that differ from the source. They were left unchanged:\n' +
        `  events: sessionId "s2", sequence 7 belongs to another document (_id {"$oid":"${String(theirs.insertedId)}"})\n`,
    );
  });

  it('names an index that the target can’t have', async () => {
    take(SMALL);
    await target.db.collection('sessions').insertMany([{ sessionId: 'x' }, { sessionId: 'x' }]);
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The target's sessions can't have the source's indexes, so it holds other data: /,
    );
  });
});

// Concurrent, since starting processes takes nearly all the time. So none of them uses `directory`.
describe('npm run store:export', () => {
  const newDirectory = () => mkdtempSync(join(filled, 'one-'));

  it.concurrent('tells a target that can’t be reached, and shows no password', async () => {
    const to = 'mongodb://me:secret@127.0.0.1:1/mine?serverSelectionTimeoutMS=200';
    const { code, stderr } = await runCommand('export', '--from', filledWith(SMALL), '--to', to);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The target mongodb:\/\/me:\*\*\*@127\.0\.0\.1:1\/mine\?.* can't be reached: .*\n$/,
    );
  });

  it.concurrent('tells a source that is in use, and by which URI to export from it', async () => {
    const path = newDirectory();
    const service = await EmbeddedMongo.open({ path });
    const { code, stderr } = await runCommand('export', '--from', path, '--to', 'mongodb://127.0.0.1:1');
    await service.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `The data directory ${path} is already in use by the process with pid ${process.pid} on ${hostname()}.\n` +
        `Stop that process first, or export from it while it runs: --from '${service.uri}'\n`,
    );
  });

  it.concurrent('tells a directory without a store, and makes none', async () => {
    const path = newDirectory();
    const { code, stderr } = await runCommand('export', '--from', path, '--to', 'mongodb://127.0.0.1:1');
    expect({ code, stderr }).toEqual({ code: 1, stderr: `There is no store in ${path}.\n` });
    expect(readdirSync(path)).toEqual([]);
  });

  it.concurrent('tells a store without conversations', async () => {
    const store = await openEmbedded(newDirectory());
    const { code, stderr } = await runCommand('export', '--from', store.uri, '--to', store.uri);
    await store.close();
    expect(code).toBe(1);
    expect(stderr).toContain('holds neither sessions nor events in the database conversations.');
  });

  it.concurrent.each([
    [[], '--to is missing: the URI of the MongoDB to copy to.'],
    [['--to', '/data'], '--to must begin with mongodb:// or mongodb+srv://.'],
    [['--to', 'mongodb://h', '--form', 'x'], "Unknown option '--form'."],
  ])('reports the fault of %j, and shows the usage', async (args, sentence) => {
    const { code, stderr } = await runCommand('export', ...args);
    expect(code).toBe(64);
    expect(stderr).toMatch(/^[^\n]+\n\nUsage: npm run store:export -- /);
    expect(stderr.split('\n')[0]).toBe(sentence);
  });
});
