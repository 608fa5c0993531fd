import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedMongo } from 'embedded-mongo';
import { sharedStore } from './store.js';

/** A store that several processes can use at once. */
export interface SharedStore {
  readonly mongodbUri: string;
  remove(): Promise<void>;
}

/** A database of `TEST_MONGODB_URI` where that is set, else an embedded store of this process that listens on TCP. */
export async function makeSharedStore(): Promise<SharedStore> {
  const uri = process.env['TEST_MONGODB_URI'];
  if (uri) {
    const shared = sharedStore(uri);
    return { mongodbUri: shared.mongodbUri ?? '', remove: () => shared.remove() };
  }
  const path = await mkdtemp(join(tmpdir(), 'css-shared-'));
  const embedded = await EmbeddedMongo.open({ path, listen: { host: '127.0.0.1', port: 0 } });
  return {
    mongodbUri: embedded.uri,
    remove: async () => {
      await embedded.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
