import { MongoError } from '../errors.js';
import { parseFilter } from '../query/filter.js';
import { compileProjection, type Projection } from '../query/projection.js';
import { find, type Query } from '../query/scan.js';
import type { Store } from '../storage/store.js';
import { formatCursor } from '../wire/messages.js';
import { type Commands, namespace } from './command.js';

/** MongoDB's default size of a first batch. */
const FIRST_BATCH = 101;

export const reads: Commands = {
  find: {
    fields: ['filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch'],
    async run({ store, cursors, args, pace }) {
      const [filter, sort] = [args.document('filter'), args.document('sort')];
      const [skip, limit] = [args.size('skip', 0), args.size('limit', 0)];
      const project = compileProjection(args.document('projection'));
      const documents = documentsOf(store, args.namespace, { filter, sort, skip, limit }, project);
      const [size, single] = [args.size('batchSize', FIRST_BATCH), args.flag('singleBatch')];
      const batch = await cursors.start(documents, size, single, pace);
      return formatCursor('firstBatch', batch.documents, batch.id, args.namespace);
    },
  },

  getMore: {
    fields: ['collection', 'batchSize'],
    async run({ cursors, args, pace }) {
      const ns = namespace(args.database, args.value('collection'));
      // Without a size, MongoDB fills the message.
      const batchSize = args.size('batchSize', 0) || Infinity;
      const batch = await cursors.more(args.cursorId(args.value('getMore')), batchSize, pace);
      return formatCursor('nextBatch', batch.documents, batch.id, ns);
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
    fields: ['query'],
    async run({ store, args, pace }) {
      const filter = args.document('query');
      if (filter.size === 0) return { n: store.get(args.namespace)?.count() ?? 0 };
      let n = 0;
      for (const document of documentsOf(store, args.namespace, { filter })) {
        if (document) n++;
        if (pace.isOver) await pace.pause();
      }
      return { n };
    },
  },
};

/** The documents that a query finds, and undefined for each that was looked at and is not among them. */
function* documentsOf(store: Store, namespace: string, query: Query, project?: Projection) {
  const collection = store.get(namespace);
  // An invalid filter is an error even if there is no collection.
  if (!collection) parseFilter(query.filter);
  for (const found of collection ? find(store.engine, collection, query) : [])
    yield found && (project?.(found.document) ?? found.document);
}
