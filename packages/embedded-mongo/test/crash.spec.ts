import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { CrashWriter, type Item, item } from './support/crash-writer.js';
import { startStoreProcess } from './support/store-process.js';

/** CRASH_KILLS=400 for a long run; the default is three collections, each from its first kill to its last. */
const kills = Number(process.env['CRASH_KILLS'] ?? 24);
const writers = 8;
/** The number of kills per collection, so that checking it does not take ever longer. */
const killsPerCollection = 8;
/** The most commands between two kills; not a time, in which a slow machine might execute none. */
const maxCommandsAKill = 60;

it(`loses nothing acknowledged over ${kills} kills`, async () => {
  const path = await mkdtemp(join(tmpdir(), 'store-'));
  let crew: CrashWriter[] = [];
  let commands = 0;
  let found = 0;
  for (let kill = 0; kill <= kills; kill++) {
    const store = await startStoreProcess(path);
    const client = new mongoose.mongo.MongoClient(store.uri, { maxPoolSize: writers });
    const patient = new mongoose.mongo.MongoClient(store.uri);
    const name = `c${Math.floor(kill / killsPerCollection)}`;
    const collection = client.db('crash').collection<Item>(name);
    if (kill > 0) {
      const before = `c${Math.floor((kill - 1) / killsPerCollection)}`;
      found += await check(patient.db('crash').collection<Item>(before), crew);
    }
    if (kill % killsPerCollection === 0) {
      commands += commandsOf(crew);
      crew = Array.from({ length: writers }, (_, number) => new CrashWriter(number, Math.random));
      const made = patient.db('crash').collection<Item>(name);
      await made.createIndex({ writer: 1, place: 1 }, { unique: true }, {});
      await made.createIndex({ place: 1, revision: 1 }, {}, {});
    }
    await patient.close();
    const working = Promise.all(crew.map((writer) => writer.run(collection)));
    const enough = commandsOf(crew) + 1 + Math.random() * maxCommandsAKill;
    while (commandsOf(crew) < enough) await sleep(20);
    await store.kill();
    await client.close(); // this tells the writers, which wait for the store to return, that it will not
    await working;
  }
  commands += commandsOf(crew);
  if (kills >= 100)
    console.log(`${kills} kills, ${commands} acknowledged commands, ${found} documents checked`);
  expect(commands).toBeGreaterThan(kills);
  expect(found).toBeGreaterThan(kills);
  await rm(path, { recursive: true });
}, 600_000);

/** The number of commands acknowledged to the writers. */
function commandsOf(crew: readonly CrashWriter[]): number {
  return crew.reduce((sum, { commands }) => sum + commands, 0);
}

/** Compares the stored documents with the writers' records; returns their number. */
async function check(collection: mongoose.mongo.Collection<Item>, crew: CrashWriter[]): Promise<number> {
  const stored = await collection.find().toArray();
  for (const document of stored) {
    expect(document).toEqual(item(document.writer, document._id, document.place, document.revision));
  }
  for (const [number, writer] of crew.entries()) {
    const own = new Map(
      stored.filter((document) => document.writer === number).map((document) => [document._id, document]),
    );
    // The interrupted command was executed completely or not at all.
    if (writer.pending && !same(own, writer.acknowledged)) expect(own).toEqual(writer.pending);
    else expect(own).toEqual(writer.acknowledged);
    writer.acknowledged.clear();
    for (const [id, document] of own) writer.acknowledged.set(id, document);
    writer.pending = undefined;
  }
  const all = stored.map(({ _id }) => _id).sort();
  for (const { key } of await collection.listIndexes().toArray()) {
    // The sort forces the store to use an index.
    const byIndex = await collection
      .find({}, { sort: key as mongoose.mongo.Sort, projection: { _id: 1 } })
      .toArray();
    expect(byIndex.map(({ _id }) => _id).sort()).toEqual(all);
  }
  expect(await collection.estimatedDocumentCount()).toBe(stored.length);
  for (const document of stored.slice(-20)) {
    expect(await collection.findOne({ writer: document.writer, place: document.place })).toEqual(document);
  }
  return stored.length;
}

function same(a: ReadonlyMap<string, Item>, b: ReadonlyMap<string, Item>): boolean {
  return a.size === b.size && [...a].every(([id, { check }]) => b.get(id)?.check === check);
}
