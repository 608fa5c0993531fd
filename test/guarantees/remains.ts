import mongoose from 'mongoose';
import { connectionOptions } from '../../src/database/connection-options.js';
import { type Remains } from './history.js';

/** Looks into the store, past the service, for what there is of some sessions. */
export async function readRemains(uri: string, sessionIds: readonly string[]): Promise<Remains[]> {
  const client = await mongoose.mongo.MongoClient.connect(uri);
  try {
    const database = client.db(connectionOptions(uri).dbName);
    const remains: Remains[] = [];
    for (const sessionId of sessionIds) {
      const events = await database.collection('events').countDocuments({ sessionId });
      const session = await database
        .collection('sessions')
        .findOne({ sessionId }, { projection: { _id: 0 } });
      remains.push({ sessionId, events, fields: Object.keys(session ?? {}) });
    }
    return remains;
  } finally {
    await client.close();
  }
}
