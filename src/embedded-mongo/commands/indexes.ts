import { Int32 } from 'bson';
import { type Document, encode, isDocument } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { samePattern } from '../query/planner.js';
import type { Collection } from '../storage/collection.js';
import { type Index, keyPattern, parseIndex, sameOptions } from '../storage/index-definition.js';
import type { Store } from '../storage/store.js';
import { listReply } from './list-reply.js';
import type { Command } from './command.js';

export const createIndexes: Command = {
  fields: ['indexes', 'commitQuorum'],
  async run({ store, args }) {
    const { namespace } = args;
    const specs = args.list('indexes');
    if (specs.length === 0) throw new MongoError('BadValue', 'Must specify at least one index to create');
    return store.write(() => {
      const createdCollectionAutomatically = store.get(namespace) === undefined;
      const collection = store.create(namespace);
      const numIndexesBefore = collection.indexes.length;
      for (const spec of specs) if (!isThere(collection, spec)) store.addIndex(collection, spec);
      const numIndexesAfter = collection.indexes.length;
      const note = numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {};
      return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically, ...note };
    });
  },
};

/** Whether there is just this index; throws when there is another of its name or keys. */
function isThere(collection: Collection, spec: Document): boolean {
  const wanted = parseIndex(0, spec);
  const pattern = keyPattern(wanted);
  if (samePattern(pattern, new Map([['_id', new Int32(1)]]))) return true;
  const sameName = collection.indexes.find(({ name }) => name === wanted.name);
  const same = collection.indexes.find(
    (index) => samePattern(keyPattern(index), pattern) && sameOptions(index, wanted),
  );
  if (sameName && sameName !== same) {
    throw new MongoError(
      'IndexKeySpecsConflict',
      `An existing index has the same name as the requested index. Requested index: ${wanted.name}`,
    );
  }
  if (same && same.name !== wanted.name) {
    throw new MongoError('IndexOptionsConflict', `Index already exists with a different name: ${same.name}`);
  }
  return same !== undefined;
}

export const listIndexes: Command = {
  fields: ['cursor'],
  run({ store, cursors, args }) {
    const { namespace } = args;
    const indexes = existing(store, namespace).indexes.map((index) => encode(describe(index)));
    return listReply(cursors, namespace, indexes, args);
  },
};

export const dropIndexes: Command = {
  fields: ['index'],
  async run({ store, args }) {
    const { namespace } = args;
    const wanted = args.value('index');
    return store.write(() => {
      const collection = existing(store, namespace);
      const nIndexesWas = collection.indexes.length;
      for (const index of chosen(collection, wanted)) store.dropIndex(collection, index);
      return { nIndexesWas };
    });
  },
};

/** The indexes meant by a name, a list of names, a key pattern or '*'. */
function chosen(collection: Collection, wanted: unknown): Index[] {
  if (wanted === '*') return collection.indexes.filter(({ name }) => name !== '_id_');
  return (Array.isArray(wanted) ? (wanted as unknown[]) : [wanted]).map((one) => {
    const index = collection.indexes.find((known) =>
      isDocument(one) ? samePattern(keyPattern(known), one) : known.name === one,
    );
    if (!index)
      throw new MongoError(
        'IndexNotFound',
        `index not found with name [${isDocument(one) ? JSON.stringify([...one]) : String(one)}]`,
      );
    if (index.name === '_id_') throw new MongoError('InvalidOptions', 'cannot drop _id index');
    return index;
  });
}

function describe(index: Index): Record<string, unknown> {
  return {
    v: 2,
    key: keyPattern(index),
    name: index.name,
    ...(index.unique && index.name !== '_id_' && { unique: true }),
    ...(index.sparse && { sparse: true }),
    ...(index.partial && { partialFilterExpression: index.partial }),
  };
}

function existing(store: Store, namespace: string): Collection {
  const collection = store.get(namespace);
  if (!collection) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace}`);
  return collection;
}
