import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StoreUnderTest {
  readonly uri: string;
  close(): Promise<void>;
}

/** The store of TEST_MONGODB_URI or, without it, an embedded one in a directory of its own. */
export async function openStoreUnderTest(): Promise<StoreUnderTest> {
  const uri = process.env['TEST_MONGODB_URI'];
  return uri ? { uri, close: () => Promise.resolve() } : openEmbedded();
}

async function openEmbedded(): Promise<StoreUnderTest> {
  // Loaded only if needed, so that another store can be tested where the embedded one can't be built.
  const { EmbeddedMongo } = await import('../../src/index.js');
  const path = await mkdtemp(join(tmpdir(), 'conformance-'));
  const store = await EmbeddedMongo.open({ path });
  return {
    uri: store.uri,
    close: async () => {
      await store.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
