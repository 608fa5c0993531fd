import { MongoError } from '../errors.js';
import type { Source } from '../query/cursors.js';
import { parseFilter } from '../query/filter.js';
import { compileProjection } from '../query/projection.js';
import { find, type Query } from '../query/scan.js';
import type { Store } from '../storage/store.js';
import { formatCursor } from '../wire/messages.js';
import type { Commands, Context } from './command.js';

/** MongoDB's default size of a first batch. */
const FIRST_BATCH = 101;

export const reads: Commands = {
  find: {
    fields: ['filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch'],
    run(context) {
      const { store, args } = context;
      const [filter, sort] = [args.document('filter'), args.document('sort')];
      const [skip, limit] = [args.size('skip', 0), args.size('limit', 0)];
      const project = compileProjection(args.document('projection'));
      const found = documentsOf(store, args.namespace, { filter, sort, skip, limit });
      const documents = project ? mapped(found, project) : found;
      return firstBatch(context, documents, args.size('batchSize', FIRST_BATCH), args.flag('singleBatch'));
    },
  },

  getMore: {
    fields: ['collection', 'batchSize'],
    async run({ cursors, args, pace }) {
      const namespace = `${args.database}.${args.string('collection')}`;
      // Without a size, MongoDB fills the message.
      const batchSize = args.size('batchSize', 0) || Infinity;
      const batch = await cursors.more(args.cursorId(args.value('getMore')), namespace, batchSize, pace);
      return formatCursor('nextBatch', batch.documents, batch.id, namespace);
    },
  },

  killCursors: {
    fields: ['cursors'],
    run({ cursors, args }) {
      const ids = args.value('cursors');
      if (!Array.isArray(ids)) throw new MongoError('BadValue', 'killCursors needs a list of cursors');
      const killed: unknown[] = [];
      const notFound: unknown[] = [];
      for (const id of ids as unknown[]) (cursors.kill(args.cursorId(id)) ? killed : notFound).push(id);
      return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] };
    },
  },

  count: {
    fields: ['query', 'limit', 'skip'],
    async run({ store, args, pace }) {
      const [filter, skip] = [args.document('query'), args.size('skip', 0)];
      const limit = args.size('limit', 0);
      if (filter.size === 0) {
        const total = store.get(args.namespace)?.count() ?? 0;
        return { n: Math.max(0, Math.min(total - skip, limit || Infinity)) };
      }
      let n = 0;
      for (const document of documentsOf(store, args.namespace, { filter, skip, limit })) {
        if (document) n++;
        if (pace.isOver) await pace.pause();
      }
      return { n };
    },
  },
};

/** The documents that a query finds; none if the collection does not exist. */
function documentsOf(store: Store, namespace: string, query: Query): Generator<Buffer | undefined> {
  const collection = store.get(namespace);
  // An invalid filter is an error even if there is no collection.
  if (!collection) parseFilter(query.filter);
  return mapped(collection ? find(store.engine, collection, query) : [], ({ document }) => document);
}

/** Changes what is found, and lets pass what only tells that the search goes on. */
function* mapped<From, To>(
  items: Iterable<From | undefined>,
  change: (item: From) => To,
): Generator<To | undefined> {
  for (const item of items) yield item === undefined ? undefined : change(item);
}

/** The reply to a query: the first documents, and a cursor for the rest. */
async function firstBatch(
  { cursors, args: { namespace }, pace }: Context,
  documents: Source,
  batchSize: number,
  single = false,
): Promise<Buffer> {
  const batch = await cursors.start(namespace, documents, batchSize, single, pace);
  return formatCursor('firstBatch', batch.documents, batch.id, namespace);
}
