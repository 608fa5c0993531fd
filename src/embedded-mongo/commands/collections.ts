import { Binary } from 'bson';
import { decode, encode } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { compileFilter } from '../query/matcher.js';
import type { Store } from '../storage/store.js';
import { listReply } from './list-reply.js';
import { type Command, isDatabaseName } from './command.js';

/** Options of `create` that say what is so anyway are accepted; capped, time-series and the like are unknown fields. */
export const create: Command = {
  fields: ['autoIndexId', 'idIndex'],
  async run({ store, args }) {
    const { namespace } = args;
    await store.write(() => {
      if (store.get(namespace))
        throw new MongoError('NamespaceExists', `Collection ${namespace} already exists.`);
      store.create(namespace);
    });
    return {};
  },
};

export const drop: Command = {
  fields: [],
  async run({ store, args }) {
    const { namespace } = args;
    return store.write(() => {
      const collection = store.get(namespace);
      // Since version 7 it is no error to drop what is not there.
      if (!collection) return {};
      const nIndexesWas = collection.indexes.length;
      store.drop(collection);
      return { nIndexesWas, ns: namespace };
    });
  },
};

export const dropDatabase: Command = {
  fields: [],
  async run({ store, args }) {
    const { database } = args;
    return store.write(() => {
      const collections = inDatabase(store, database);
      for (const collection of collections) store.drop(collection);
      return collections.length > 0 ? { dropped: database } : {};
    });
  },
};

export const listCollections: Command = {
  fields: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
  run({ store, cursors, args }) {
    const { database } = args;
    const matches = compileFilter(args.document('filter'));
    const nameOnly = args.flag('nameOnly');
    const entries = inDatabase(store, database).map(({ namespace, uuid }) => {
      const name = namespace.slice(database.length + 1);
      const info = { readOnly: false, uuid: new Binary(uuid, Binary.SUBTYPE_UUID) };
      const idIndex = { v: 2, key: { _id: 1 }, name: '_id_' };
      return encode({ name, type: 'collection', ...(!nameOnly && { options: {}, info, idIndex }) });
    });
    const listed = entries.filter((entry) => matches(decode(entry)));
    return listReply(cursors, `${database}.$cmd.listCollections`, listed, args);
  },
};

export const listDatabases: Command = {
  fields: ['filter', 'nameOnly', 'authorizedDatabases'],
  run({ store, args }) {
    if (args.database !== 'admin') {
      throw new MongoError('Unauthorized', 'listDatabases may only be run against the admin database.');
    }
    const sizes = new Map<string, number>();
    for (const collection of store.all()) {
      const [name = ''] = collection.namespace.split('.', 1);
      sizes.set(name, (sizes.get(name) ?? 0) + store.counts(collection).bytes);
    }
    const matches = compileFilter(args.document('filter'));
    const databases = [...sizes]
      .map(([name, sizeOnDisk]) => ({ name, sizeOnDisk, empty: false }))
      .filter((entry) => matches(decode(encode(entry))))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    if (args.flag('nameOnly')) return { databases: databases.map(({ name }) => ({ name })) };
    const totalSize = databases.reduce((total, { sizeOnDisk }) => total + sizeOnDisk, 0);
    return { databases, totalSize, totalSizeMb: Math.floor(totalSize / 1024 / 1024) };
  },
};

export function inDatabase(store: Store, database: string) {
  if (!isDatabaseName(database))
    throw new MongoError('InvalidNamespace', `Invalid database name: '${database}'`);
  return store.all().filter(({ namespace }) => namespace.startsWith(`${database}.`));
}
