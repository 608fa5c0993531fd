import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { EmbeddedMongo } from '../../src/embedded-mongo/index.js';
import { withDatabase } from '../support/store.js';
import { type Outcome, runCommand, startCommand } from './support/command.js';

const { MongoClient, ObjectId } = mongoose.mongo;
type Db = mongoose.mongo.Db;

const DATABASE = 'conversations';
const SESSIONS = 40;
const EVENTS = 60;

interface Place {
  readonly uri: string;
  readonly db: Db;
  close(): Promise<void>;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'export-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** An embedded store of this process, on TCP. */
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

/** A database of its own behind `TEST_MONGODB_URI`. */
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
      : { status: 'completed', endedAt: new Date(), finalSequence: EVENTS };
  const metadata = { 'a.b': 1.5, constructor: [{ deep: [null, true] }], tags: [], big: 2 ** 40 };
  return { sessionId: `s${n}`, initialStatus: 'active', language: 'en', startedAt, ...life, metadata };
}

function anEvent(session: number, sequence: number) {
  const timestamp = new Date(startedAt.getTime() + sequence);
  const payload = { 1: 'one', text: 'ü'.repeat(sequence), n: sequence / 4, list: [1, { x: 'y' }] };
  const keys = { sessionId: `s${session}`, eventId: `e${sequence}`, sequence };
  return { ...keys, type: 'user_speech', timestamp, receivedAt: timestamp, payload };
}

async function fill(db: Db): Promise<void> {
  await db
    .collection('sessions')
    .createIndexes([{ key: { sessionId: 1 }, unique: true, name: 'session_by_id' }]);
  await db.collection('events').createIndexes([
    { key: { sessionId: 1, eventId: 1 }, unique: true, name: 'event_by_id' },
    { key: { sessionId: 1, sequence: 1 }, unique: true, name: 'event_by_sequence' },
    { key: { sessionId: 1, timestamp: 1, sequence: 1 }, name: 'event_by_time' },
  ]);
  const numbers = Array.from({ length: SESSIONS }, (_, n) => n);
  await db.collection('sessions').insertMany(numbers.map(aSession));
  const sequences = Array.from({ length: EVENTS }, (_, n) => n + 1);
  await db.collection('events').insertMany(numbers.flatMap((n) => sequences.map((at) => anEvent(n, at))));
}

/** Everything there is, with the types the values have on the wire. */
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

function expectSuccess(outcome: Outcome): void {
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(outcome.stdout).toContain(`sessions: all ${SESSIONS} are at the target, with the same content`);
  expect(outcome.stdout).toMatch(/^events: all 2,400 are at the target, with the same content/m);
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
  let contents: unknown;

  beforeEach(async () => {
    from = join(directory, 'source');
    const source = await openEmbedded(from);
    await fill(source.db);
    contents = await contentsOf(source.db);
    await source.close();
    target = await openTarget();
  });
  afterEach(() => target.close());

  const run = () => runCommand('export', '--from', from, '--to', target.uri);

  it('copies everything with its types and indexes, and changes nothing when it is run twice', async () => {
    const first = await run();
    expectSuccess(first);
    expect(first.stdout).not.toContain('\r');
    expect(first.stdout).toMatch(/^Copying events: 2,400 of 2,400$/m);
    expect(await contentsOf(target.db)).toEqual(contents);

    expectSuccess(await run());
    expect(await contentsOf(target.db)).toEqual(contents);
  });

  it('goes on where it was killed', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const killed = startCommand('export', '--from', from, '--to', target.uri);
      await killed.wrote(signal === 'SIGKILL' ? /^Copying events/m : /^Checking sessions/m);
      killed.signal(signal);
      const { code, stderr } = await killed.ended;
      expect(code).toBe(signal === 'SIGKILL' ? null : 143);
      expect(stderr).toMatch(signal === 'SIGKILL' ? /^$/ : /SIGTERM: stopped\. Run the same command again/);
      // A kill at a place of its own choosing: some documents are there, others not.
      await target.db.collection('events').deleteMany({ sequence: { $gt: 20 } });
    }
    expectSuccess(await run());
    expect(await contentsOf(target.db)).toEqual(contents);
  });

  it('copies from a running store, and takes what went on since', async () => {
    const source = await openEmbedded(from);
    const fromUri = () => runCommand('export', '--from', source.uri, '--to', target.uri);
    expectSuccess(await fromUri());
    await source.db
      .collection('sessions')
      .updateOne({ sessionId: 's1' }, { $set: { status: 'failed', endedAt: new Date(), finalSequence: 61 } });
    await source.db.collection('events').insertOne(anEvent(1, 61));

    const again = await fromUri();
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(await contentsOf(target.db)).toEqual(await contentsOf(source.db));
    await source.close();
  });

  it('leaves other data alone that the target has', async () => {
    await target.db.collection('sessions').insertOne(aSession(1000));
    const outcome = await run();
    expectSuccess(outcome);
    expect(outcome.stdout).toContain(`same content (it holds ${SESSIONS + 1})`);
  });

  it('names what is in the way: another document with the same id', async () => {
    expectSuccess(await run());
    const { _id } = (await target.db.collection('sessions').findOne({ sessionId: 's3' })) ?? {
      _id: new ObjectId(),
    };
    await target.db.collection('sessions').updateOne({ _id }, { $set: { language: 'fr' } });
    const before = await contentsOf(target.db);

    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toBe(
      'The target holds other data than the source. They were left as they are:\n' +
        `  sessions: the document with _id {"$oid":"${String(_id)}"} is another one\n`,
    );
    expect(await contentsOf(target.db)).toEqual(before);
  });

  it('names a session that the target has taken further', async () => {
    expectSuccess(await run());
    await target.db.collection('sessions').updateOne({ sessionId: 's1' }, { $set: { status: 'failed' } });
    expect((await run()).stderr).toMatch(/^ {2}sessions: the document with _id .* is another one$/m);
  });

  it('names what is in the way: the same keys under another id', async () => {
    const theirs = await target.db.collection('events').insertOne({ ...anEvent(2, 7), eventId: 'theirs' });

    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toBe(
      'The target holds other data than the source. They were left as they are:\n' +
        `  events: sessionId "s2", sequence 7 belongs to another document (_id {"$oid":"${String(theirs.insertedId)}"})\n`,
    );
  });

  it('names an index that the target can’t have', async () => {
    await target.db.collection('sessions').insertMany([{ sessionId: 'x' }, { sessionId: 'x' }]);
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The target's sessions can't have the source's indexes, so it holds other data: /,
    );
  });
});

describe('npm run store:export', () => {
  it('tells a target that can’t be reached, and shows no password', async () => {
    const source = await openEmbedded(directory);
    await fill(source.db);
    await source.close();
    const to = 'mongodb://me:secret@127.0.0.1:1/mine';
    const { code, stderr } = await runCommand('export', '--from', directory, '--to', to);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The target mongodb:\/\/me:\*\*\*@127\.0\.0\.1:1\/mine can't be reached: .*\n$/);
  });

  it('tells a source that is in use, and by which URI to export from it', async () => {
    const service = await EmbeddedMongo.open({ path: directory });
    const { code, stderr } = await runCommand('export', '--from', directory, '--to', 'mongodb://127.0.0.1:1');
    await service.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `The data directory ${directory} is already in use by the process with pid ${process.pid}.\n` +
        `Stop that process first, or export from it while it runs: --from '${service.uri}'\n`,
    );
  });

  it('tells a directory without a store, and makes none', async () => {
    const { code, stderr } = await runCommand('export', '--from', directory, '--to', 'mongodb://127.0.0.1:1');
    expect({ code, stderr }).toEqual({ code: 1, stderr: `There is no store in ${directory}.\n` });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('tells a store without conversations', async () => {
    const store = await openEmbedded(directory);
    const { code, stderr } = await runCommand('export', '--from', store.uri, '--to', store.uri);
    await store.close();
    expect(code).toBe(1);
    expect(stderr).toContain('holds neither sessions nor events in the database conversations.');
  });

  it.each([
    [[], '--to is missing: the URI of the MongoDB to copy to.'],
    [['--to', '/data'], '--to must begin with mongodb:// or mongodb+srv://.'],
    [['--to', 'mongodb://h', '--form', 'x'], "Unknown option '--form'."],
  ])('says what is wrong with %j, and how it is used', async (args, sentence) => {
    const { code, stderr } = await runCommand('export', ...args);
    expect(code).toBe(64);
    expect(stderr).toMatch(/^[^\n]+\n\nUsage: npm run store:export -- /);
    expect(stderr.split('\n')[0]).toBe(sentence);
  });
});
