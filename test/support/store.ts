import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';

/** Where the service under test keeps its data: a place of its own for each test file. */
export interface TestStore {
  readonly mongodbUri: string | undefined;
  readonly dataDir: string;
  /** Removes it with all it holds; the service must have been closed before. */
  remove(): Promise<void>;
}

/** A store that no test has written to: a database of `TEST_MONGODB_URI` where that is set, else a directory. */
export async function makeStore(): Promise<TestStore> {
  const shared = process.env['TEST_MONGODB_URI'];
  if (shared) return sharedStore(shared);
  const dataDir = await mkdtemp(join(tmpdir(), 'css-test-'));
  return {
    mongodbUri: undefined,
    dataDir,
    remove: () => rm(dataDir, { recursive: true, force: true }),
  };
}

/** A new database of a MongoDB. */
export function sharedStore(uri: string): TestStore {
  const mongodbUri = withDatabase(uri, `test_${randomUUID().replaceAll('-', '')}`);
  return {
    mongodbUri,
    dataDir: '/nonexistent', // not used beside a MongoDB
    remove: async () => {
      const connection = await mongoose.createConnection(mongodbUri).asPromise();
      await connection.dropDatabase();
      await connection.close();
    },
  };
}

/** The same server, another database; who logs in, still does so at the database the URI named. */
export function withDatabase(uri: string, database: string): string {
  const match = /^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(uri);
  if (!match) throw new Error('TEST_MONGODB_URI is not a MongoDB URI');
  const [, server = '', named = '', query = ''] = match;
  const parameters = new URLSearchParams(query);
  if (named && server.includes('@') && !parameters.has('authSource')) parameters.set('authSource', named);
  return `${server}/${database}${parameters.size > 0 ? `?${parameters.toString()}` : ''}`;
}
