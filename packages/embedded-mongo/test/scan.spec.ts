import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { openStore } from './support/open-store.js';

/** A session as large as any: SCAN_EVENTS=250000. */
const EVENTS = Number(process.env['SCAN_EVENTS'] ?? 60_000);
/** One of so many is of the rare type. */
const RARE = 2500;

interface Event {
  session: string;
  sequence: number;
  type: string;
}

let store: Awaited<ReturnType<typeof openStore>>;
let events: mongoose.mongo.Collection<Event>;
/** A client with a connection of its own. */
let other: mongoose.mongo.MongoClient;

beforeAll(async () => {
  store = await openStore();
  events = store.db.collection<Event>('events');
  await events.createIndex({ session: 1, sequence: 1 }, { unique: true }, {});
  for (let from = 0; from < EVENTS; from += 10_000) {
    const documents = Array.from({ length: 10_000 }, (_, n) => ({
      session: 's',
      sequence: from + n,
      type: (from + n) % RARE === RARE - 1 ? 'rare' : 'common',
    }));
    await events.insertMany(documents);
  }
  other = await new mongoose.mongo.MongoClient(store.mongo.uri).connect();
}, 120_000);
afterAll(async () => {
  await other.close();
  await store.close();
});

const ofType = (type: string) => events.find({ session: 's', type }).sort({ sequence: 1 });

describe('a scan that looks at every document', () => {
  it('lets other connections run in between, which may write', async () => {
    const scan = { over: false, answers: 0 };
    const scanning = ofType('none')
      .toArray()
      .finally(() => (scan.over = true));
    for (let n = 0; !scan.over; n++) {
      await other.db('test').collection<{ n: number }>('others').insertOne({ n });
      scan.answers++;
    }
    expect(await scanning).toEqual([]);
    expect(scan.answers).toBeGreaterThan(5);
  });

  it('gets through by a cursor, batch by batch, whatever is written meanwhile', async () => {
    const seen: number[] = [];
    for await (const { sequence } of ofType('rare').batchSize(5)) {
      seen.push(sequence);
      // Behind the place of the scan, and ahead of it: what is removed there is not found any more.
      await events.updateOne({ session: 's', sequence: sequence + 1 }, { $set: { type: 'other' } });
      if (seen.length === 3)
        await events.updateOne({ session: 's', sequence: EVENTS - 1 }, { $set: { type: 'common' } });
    }
    await events.updateOne({ session: 's', sequence: EVENTS - 1 }, { $set: { type: 'rare' } });
    expect(seen).toEqual(Array.from({ length: EVENTS / RARE - 1 }, (_, n) => (n + 1) * RARE - 1));
  });

  it('does not find what no longer matches, although it has read ahead', async () => {
    const cursor = ofType('common').batchSize(2);
    expect(await cursor.next()).toMatchObject({ sequence: 0 });
    expect(await cursor.next()).toMatchObject({ sequence: 1 });
    const moved = { session: 's', sequence: 3 };
    await events.updateOne(moved, { $set: { session: 'elsewhere' } });
    const next = [await cursor.next(), await cursor.next()];
    await events.updateOne({ ...moved, session: 'elsewhere' }, { $set: { session: 's' } });
    await cursor.close();
    expect(next.map((event) => event?.sequence)).toEqual([2, 4]);
  });
});

describe('maxTimeMS', () => {
  const filter = { session: 's', type: 'none' };

  it.each([
    ['find', { find: 'events', filter }],
    ['count', { count: 'events', query: filter }],
  ])('ends a %s that takes longer, which no index could have helped', async (_, command) => {
    await expect(store.db.command({ ...command, maxTimeMS: 1 })).rejects.toMatchObject({
      code: 50,
      codeName: 'MaxTimeMSExpired',
    });
    await expect(store.db.command({ ...command, maxTimeMS: 0 })).resolves.toMatchObject({ ok: 1 });
    await expect(store.db.command({ ...command, maxTimeMS: 600_000 })).resolves.toMatchObject({ ok: 1 });
  });

  it('is refused if invalid', async () => {
    await expect(store.db.command({ ping: 1, maxTimeMS: -1 })).rejects.toMatchObject({ code: 51024 });
    await expect(store.db.command({ ping: 1, maxTimeMS: 'x' })).rejects.toMatchObject({ code: 14 });
  });
});
