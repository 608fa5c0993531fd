import { type Document, encode, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import type { Collection } from '../storage/collection.js';
import { keyPattern, parseIndex } from '../storage/indexes.js';
import type { Store } from '../storage/store.js';
import { type Commands, type Context, isDatabaseName } from './command.js';
import { firstBatch } from './reads.js';

/** The commands for databases, collections and indexes. */
export const catalogue: Commands = {
  create: {
    fields: [],
    run: ({ store, args: { namespace } }) =>
      store.write(() => {
        if (store.get(namespace))
          throw new MongoError('NamespaceExists', `Collection ${namespace} already exists.`);
        store.create(namespace);
        return {};
      }),
  },

  drop: {
    fields: [],
    run: ({ store, args: { namespace } }) =>
      store.write(() => {
        const collection = store.get(namespace);
        // As in MongoDB since version 7, dropping what does not exist is not an error.
        if (!collection) return {};
        store.drop(collection);
        return { nIndexesWas: collection.indexes.length, ns: namespace };
      }),
  },

  dropDatabase: {
    fields: [],
    run: ({ store, args: { database } }) =>
      store.write(() => {
        const collections = inDatabase(store, database);
        for (const collection of collections) store.drop(collection);
        return collections.length > 0 ? { dropped: database } : {};
      }),
  },

  listCollections: {
    fields: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
    run(context) {
      const { store, args } = context;
      const matches = compileFilter(args.document('filter'));
      const more = args.flag('nameOnly') ? {} : { options: {}, info: { readOnly: false } };
      const entries = inDatabase(store, args.database).map(({ namespace }) =>
        encode({ name: namespace.slice(args.database.length + 1), type: 'collection', ...more }),
      );
      return listing(context, `${args.database}.$cmd.listCollections`, entries.filter(matches));
    },
  },

  listDatabases: {
    fields: ['nameOnly', 'authorizedDatabases'],
    run({ store, args }) {
      if (args.database !== 'admin')
        throw new MongoError('Unauthorized', 'listDatabases may only be run against the admin database.');
      const names = new Set(store.all().map(({ namespace }) => namespace.split('.', 1)[0] ?? ''));
      const sizeOf = (name: string) =>
        inDatabase(store, name).reduce((size, collection) => size + store.counts(collection).bytes, 0);
      const more = (name: string) => !args.flag('nameOnly') && { sizeOnDisk: sizeOf(name), empty: false };
      return { databases: [...names].sort().map((name) => ({ name, ...more(name) })) };
    },
  },

  createIndexes: {
    fields: ['indexes', 'commitQuorum'],
    run({ store, args }) {
      const { namespace } = args;
      const specs = args.list('indexes');
      if (specs.length === 0) throw new MongoError('BadValue', 'Must specify at least one index to create');
      return store.write(() => {
        const createdCollectionAutomatically = store.get(namespace) === undefined;
        const collection = store.create(namespace);
        const numIndexesBefore = collection.indexes.length;
        for (const spec of specs) if (!isThere(collection, spec)) store.addIndex(collection, spec);
        return {
          numIndexesBefore,
          numIndexesAfter: collection.indexes.length,
          createdCollectionAutomatically,
        };
      });
    },
  },

  listIndexes: {
    fields: ['cursor'],
    run(context) {
      const { namespace } = context.args;
      const indexes = existing(context.store, namespace).indexes.map((index) => {
        const unique = index.unique && index.name !== '_id_' && { unique: true };
        return encode({ v: 2, key: keyPattern(index), name: index.name, ...unique });
      });
      return listing(context, namespace, indexes);
    },
  },

  dropIndexes: {
    fields: ['index'],
    run({ store, args }) {
      const wanted = args.string('index');
      if (wanted === '_id_') throw new MongoError('InvalidOptions', 'cannot drop _id index');
      return store.write(() => {
        const collection = existing(store, args.namespace);
        const nIndexesWas = collection.indexes.length;
        const isChosen = (name: string) => (wanted === '*' ? name !== '_id_' : name === wanted);
        const chosen = collection.indexes.filter(({ name }) => isChosen(name));
        if (chosen.length === 0 && wanted !== '*')
          throw new MongoError('IndexNotFound', `index not found with name [${wanted}]`);
        for (const index of chosen) store.dropIndex(collection, index);
        return { nIndexesWas };
      });
    },
  },
};

/** Whether this very index exists. Throws if there is another with its name or its keys. */
function isThere(collection: Collection, spec: Document): boolean {
  const wanted = parseIndex(0, spec);
  const paths = wanted.paths.join('\0');
  if (paths === '_id') return true;
  const sameName = collection.indexes.find(({ name }) => name === wanted.name);
  const same = collection.indexes.find(
    (one) => one.paths.join('\0') === paths && one.unique === wanted.unique,
  );
  if (sameName && sameName !== same)
    throw new MongoError('IndexKeySpecsConflict', `There is another index of the name ${wanted.name}`);
  if (same && same !== sameName)
    throw new MongoError('IndexOptionsConflict', `Index already exists with a different name: ${same.name}`);
  return same !== undefined;
}

function existing(store: Store, namespace: string): Collection {
  const collection = store.get(namespace);
  if (!collection) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace}`);
  return collection;
}

function inDatabase(store: Store, database: string): Collection[] {
  if (!isDatabaseName(database))
    throw new MongoError('InvalidNamespace', `Invalid database name: '${database}'`);
  return store.all().filter(({ namespace }) => namespace.startsWith(`${database}.`));
}

/** A list as the result of a cursor; `cursor.batchSize` applies as in a query. */
function listing({ cursors, args }: Context, namespace: string, list: readonly Buffer[]): Buffer {
  const batchSize = toNumber(args.document('cursor').get('batchSize'));
  return firstBatch(cursors, namespace, list, batchSize ?? list.length + 1);
}
