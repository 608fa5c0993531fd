import { encode, isDocument, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import { inDatabase } from './collections.js';
import type { Command, Context } from './command.js';
import { VERSION } from './hello.js';

const HOST = 'embedded';

export const collStats: Command = {
  fields: ['scale'],
  run({ store, args }) {
    const { namespace } = args;
    return { ns: namespace, ...storageStats(store, store.get(namespace), args.number('scale', 1) || 1) };
  },
};

function storageStats(store: Store, collection: Collection | undefined, scale: number) {
  const { documents, bytes } = collection ? store.counts(collection) : { documents: 0, bytes: 0 };
  return {
    size: bytes / scale,
    count: documents,
    avgObjSize: documents === 0 ? 0 : bytes / documents,
    // One file holds everything; what a collection takes of it is not told apart.
    storageSize: bytes / scale,
    nindexes: collection?.indexes.length ?? 0,
    capped: false,
    scaleFactor: scale,
  };
}

/** The one document that the stage `$collStats` gives. */
export function collStatsStage(store: Store, namespace: string, spec: unknown): Buffer {
  if (!isDocument(spec)) throw new MongoError('Location5447000', '$collStats must take a nested object');
  const collection = store.get(namespace);
  const answer: Record<string, unknown> = { ns: namespace, host: HOST, localTime: new Date() };
  for (const [part, options] of spec) {
    if (part !== 'storageStats' && part !== 'count')
      throw new MongoError('NotImplemented', `The embedded store does not support '${part}' in $collStats.`);
    if (!collection) throw new MongoError('NamespaceNotFound', `Collection [${namespace}] not found.`);
    const scale = isDocument(options) ? toNumber(options.get('scale')) : undefined;
    const stats = storageStats(store, collection, scale ?? 1);
    answer[part] = part === 'count' ? stats.count : stats;
  }
  return encode(answer);
}

export const dbStats: Command = {
  fields: ['scale', 'freeStorage'],
  run({ store, args }) {
    const scale = args.number('scale', 1) || 1;
    const collections = inDatabase(store, args.database);
    const counts = collections.map((collection) => store.counts(collection));
    const objects = counts.reduce((total, { documents }) => total + documents, 0);
    const bytes = counts.reduce((total, one) => total + one.bytes, 0);
    return {
      db: args.database,
      collections: collections.length,
      views: 0,
      objects,
      avgObjSize: objects === 0 ? 0 : bytes / objects,
      dataSize: bytes / scale,
      storageSize: store.reader.bytesOnDisk() / scale,
      indexes: collections.reduce((total, { indexes }) => total + indexes.length, 0),
      scaleFactor: scale,
    };
  },
};

export const serverStatus: Command = {
  fields: [],
  run({ store, cursors, server, startedAt }: Context) {
    return {
      host: HOST,
      version: VERSION,
      process: 'embedded-mongo',
      pid: process.pid,
      uptime: Math.floor((Date.now() - startedAt) / 1000),
      localTime: new Date(),
      connections: { current: server.open, totalCreated: server.accepted },
      metrics: { cursor: { open: { total: cursors.size } } },
      storageEngine: { name: 'lmdb', persistent: true, readOnly: false },
      storageBytes: store.reader.bytesOnDisk(),
    };
  },
};
