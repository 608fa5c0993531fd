import { inDatabase } from './collections.js';
import type { Command, Context } from './command.js';
import { VERSION } from './hello.js';

export const collStats: Command = {
  fields: ['scale'],
  run({ store, args }) {
    const { namespace } = args;
    const scale = args.number('scale', 1) || 1;
    const collection = store.get(namespace);
    const { documents, bytes } = collection ? store.counts(collection) : { documents: 0, bytes: 0 };
    return {
      ns: namespace,
      size: bytes / scale,
      count: documents,
      avgObjSize: documents === 0 ? 0 : bytes / documents,
      // One file holds everything; what a collection takes of it is not told apart.
      storageSize: bytes / scale,
      nindexes: collection?.indexes.length ?? 0,
      capped: false,
      scaleFactor: scale,
    };
  },
};

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
      host: 'embedded',
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
