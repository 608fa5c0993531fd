import { decode } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { findTargets, updateRecord, upsert } from '../query/modify.js';
import { compileProjection } from '../query/projection.js';
import { compileUpdate } from '../query/update.js';
import type { Store } from '../storage/store.js';
import type { Arguments, Command } from './command.js';
import { arrayFiltersIn } from './update.js';

interface Outcome {
  readonly lastErrorObject: Record<string, unknown>;
  /** The document to show, before or after. */
  readonly document: Buffer | undefined;
}

export const findAndModify: Command = {
  fields: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'bypassDocumentValidation',
    'arrayFilters',
    'hint',
  ],
  async run({ store, args }) {
    const { namespace } = args;
    const project = compileProjection(args.document('fields'));
    checkOptions(args);
    const { lastErrorObject, document } = await store.write(() =>
      args.flag('remove') ? removeOne(store, namespace, args) : modifyOne(store, namespace, args),
    );
    const value = document && decode(project ? project(document) : document);
    return { lastErrorObject, value: value ?? null };
  },
};

function checkOptions(args: Arguments): void {
  if (args.flag('remove')) {
    if (args.value('update') !== undefined)
      throw new MongoError('FailedToParse', 'Cannot specify both an update and remove=true');
    if (args.flag('upsert'))
      throw new MongoError('FailedToParse', 'Cannot specify both upsert=true and remove=true');
    if (args.flag('new')) {
      throw new MongoError(
        'FailedToParse',
        "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
      );
    }
  } else if (args.value('update') === undefined) {
    throw new MongoError('FailedToParse', 'Either an update or remove=true must be specified');
  }
}

function removeOne(store: Store, namespace: string, args: Arguments): Outcome {
  const collection = store.get(namespace);
  const [target] = collection ? findTargets(store, collection, queryOf(args)) : [];
  if (!collection || !target) return { lastErrorObject: { n: 0 }, document: undefined };
  collection.remove(target.recordId, target.document);
  return { lastErrorObject: { n: 1 }, document: target.document };
}

function modifyOne(store: Store, namespace: string, args: Arguments): Outcome {
  const update = compileUpdate(args.value('update'), arrayFiltersIn(args.value('arrayFilters')));
  const query = queryOf(args);
  const inserts = args.flag('upsert');
  const showsNew = args.flag('new');
  const collection = inserts ? store.create(namespace) : store.get(namespace);
  const [target] = collection ? findTargets(store, collection, query) : [];
  if (collection && target) {
    const after = updateRecord(collection, target, update, query.filter);
    return { lastErrorObject: { n: 1, updatedExisting: true }, document: showsNew ? after : target.document };
  }
  if (!collection || !inserts)
    return { lastErrorObject: { n: 0, updatedExisting: false }, document: undefined };
  const { id, document } = upsert(collection, update, query.filter);
  const lastErrorObject = { n: 1, updatedExisting: false, upserted: id };
  return { lastErrorObject, document: showsNew ? document : undefined };
}

function queryOf(args: Arguments) {
  return {
    filter: args.document('query'),
    sort: args.document('sort'),
    hint: args.value('hint'),
    multi: false,
  };
}
