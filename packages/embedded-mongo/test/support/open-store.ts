import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { EmbeddedMongo, type EmbeddedMongoOptions } from '../../src/index.js';

/** Opens a store in a directory of its own, with a client of the driver. */
export async function openStore(options: Partial<EmbeddedMongoOptions> = {}) {
  const path = await mkdtemp(join(tmpdir(), 'store-'));
  const lines: string[] = [];
  const mongo = await EmbeddedMongo.open({ path, log: (line) => lines.push(line), ...options });
  const client = new mongoose.mongo.MongoClient(mongo.uri);
  return {
    path,
    mongo,
    client,
    lines,
    db: client.db('test'),
    async close() {
      await client.close();
      await mongo.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
