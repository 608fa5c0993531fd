import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { connectionOptions } from '../../src/database/connection-options.js';
import { type Remains } from './history.js';

/** How much longer than promised events may remain: after faults and on a busy machine, exact times are not tested. */
const PATIENCE_MS = 10_000;

type Database = mongoose.mongo.Db;

/** Reads directly from the store what is left of deleted sessions, and waits a while for their events to be erased. */
export async function readRemains(uri: string, sessionIds: readonly string[]): Promise<Remains[]> {
  const client = await mongoose.mongo.MongoClient.connect(uri);
  try {
    const database = client.db(connectionOptions(uri).dbName);
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const remains = await Promise.all(sessionIds.map((sessionId) => remainsOf(database, sessionId)));
      if (remains.every(({ events }) => events === 0) || performance.now() > deadline) return remains;
      await sleep(500);
    }
  } finally {
    await client.close();
  }
}

async function remainsOf(database: Database, sessionId: string): Promise<Remains> {
  const [events, session] = await Promise.all([
    database.collection('events').countDocuments({ sessionId }),
    database.collection('sessions').findOne({ sessionId }, { projection: { _id: 0 } }),
  ]);
  return { sessionId, events, fields: Object.keys(session ?? {}) };
}
