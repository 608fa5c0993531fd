import { type Document, encode } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { matcherOf, parseFilter } from '../query/filter.js';
import type { Collection } from '../storage/collection.js';
import { keyPattern, parseIndex } from '../storage/indexes.js';
import type { Store } from '../storage/store.js';
import { formatCursor } from '../wire/messages.js';
import type { Commands } from './command.js';

/** The commands for databases, collections and indexes. Their lists are short, so one batch has it all, whatever size is asked for. */
export const catalogue: Commands = {
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
    run({ store, args }) {
      const matches = matcherOf(parseFilter(args.document('filter'))) ?? (() => true);
      const entries = inDatabase(store, args.database).map(({ namespace }) =>
        encode({ name: namespace.slice(args.database.length + 1), type: 'collection' }),
      );
      return formatCursor('firstBatch', entries.filter(matches), 0n, `${args.database}.$cmd.listCollections`);
    },
  },

  createIndexes: {
    fields: ['indexes', 'commitQuorum'],
    run({ store, args }) {
      const { namespace } = args;
      const specs = args.list('indexes');
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
    run({ store, args: { namespace } }) {
      const collection = store.get(namespace);
      if (!collection) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace}`);
      const indexes = collection.indexes.map((index) => {
        const unique = index.unique && index.name !== '_id_' && { unique: true };
        return encode({ v: 2, key: keyPattern(index), name: index.name, ...unique });
      });
      return formatCursor('firstBatch', indexes, 0n, namespace);
    },
  },
};

/** Whether this very index exists. Throws if there is another with its name or its keys. */
function isThere(collection: Collection, spec: Document): boolean {
  const wanted = parseIndex(0, spec);
  const paths = wanted.paths.join('\0');
  if (paths === '_id') return true;
  const named = collection.indexes.find(({ name }) => name === wanted.name);
  const same = collection.indexes.find(
    (one) => one.paths.join('\0') === paths && one.unique === wanted.unique,
  );
  if (named === same) return same !== undefined;
  throw new MongoError('IndexKeySpecsConflict', `Another index has the name or the keys of ${wanted.name}`);
}

function inDatabase(store: Store, database: string): Collection[] {
  return [...store.collections.values()].filter(({ namespace }) => namespace.startsWith(`${database}.`));
}
