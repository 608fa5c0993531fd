import { MongoError } from '../errors.js';
import { plan } from '../query/planner.js';
import { compileProjection } from '../query/projection.js';
import { ordered } from '../query/scan.js';
import type { Store } from '../storage/store.js';
import { formatCursor } from '../wire/messages.js';
import type { Arguments, Command } from './command.js';

/** MongoDB's size of a first batch that names none. */
export const FIRST_BATCH = 101;

export const find: Command = {
  fields: [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'noCursorTimeout',
    'allowDiskUse',
    'allowPartialResults',
    'oplogReplay',
  ],
  run({ store, cursors, args }) {
    const { namespace } = args;
    const batchSize = args.size('batchSize', FIRST_BATCH);
    const single = args.flag('singleBatch');
    const documents = findDocuments(store, namespace, args);
    const batch = cursors.start(namespace, documents, batchSize, single);
    return formatCursor('firstBatch', batch.documents, batch.id, namespace);
  },
};

/** The documents of a find, as the client will see them. */
function findDocuments(store: Store, namespace: string, args: Arguments): Iterator<Buffer> {
  const filter = args.document('filter');
  const sort = args.document('sort');
  const skip = args.size('skip', 0);
  const limit = args.size('limit', 0);
  const project = compileProjection(args.document('projection'));
  const collection = store.get(namespace);
  if (!collection) return [][Symbol.iterator]();
  const chosen = plan(collection, filter, sort, args.value('hint'));
  const documents = ordered(store.reader, collection, chosen, skip, limit);
  return project ? mapped(documents, project) : documents;
}

export function* mapped(
  documents: Iterable<Buffer>,
  change: (document: Buffer) => Buffer,
): Generator<Buffer> {
  for (const document of documents) yield change(document);
}

export const getMore: Command = {
  fields: ['collection', 'batchSize'],
  run({ cursors, args }) {
    args.required('collection');
    const namespace = `${args.database}.${args.string('collection') ?? ''}`;
    const id = args.cursorId(args.value('getMore'));
    // Without a size MongoDB fills the message.
    const batchSize = args.size('batchSize', 0);
    const batch = cursors.more(id, namespace, batchSize === 0 ? Infinity : batchSize);
    return formatCursor('nextBatch', batch.documents, batch.id, namespace);
  },
};

export const killCursors: Command = {
  fields: ['cursors'],
  run({ cursors, args }) {
    const ids = args.value('cursors');
    if (!Array.isArray(ids)) throw new MongoError('BadValue', 'killCursors needs a list of cursors');
    const killed: unknown[] = [];
    const notFound: unknown[] = [];
    for (const id of ids as unknown[]) (cursors.kill(args.cursorId(id)) ? killed : notFound).push(id);
    return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] };
  },
};

export const count: Command = {
  fields: ['query', 'limit', 'skip', 'hint', 'fields'],
  run({ store, args }) {
    const collection = store.get(args.namespace);
    const filter = args.document('query');
    const skip = args.size('skip', 0);
    const limit = Math.abs(args.number('limit', 0));
    if (!collection) return { n: 0 };
    const chosen = plan(collection, filter, new Map(), args.value('hint'));
    const total = filter.size === 0 ? store.counts(collection).documents : undefined;
    if (total !== undefined) return { n: Math.max(0, Math.min(total - skip, limit || Infinity)) };
    let n = 0;
    for (const document of ordered(store.reader, collection, chosen, skip, limit))
      n += document.length > 0 ? 1 : 0;
    return { n };
  },
};
