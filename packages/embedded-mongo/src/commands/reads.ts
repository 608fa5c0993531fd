import { isDocument, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { countOf, mapped, parsePipeline, type Pipeline } from '../query/aggregation.js';
import type { Cursors } from '../query/cursors.js';
import { compileFilter } from '../query/filter.js';
import { compileProjection } from '../query/projection.js';
import { find, type Query } from '../query/scan.js';
import type { Store } from '../storage/store.js';
import { formatCursor } from '../wire/messages.js';
import { type Commands, namespace as join } from './command.js';

/** MongoDB's default size of a first batch. */
const FIRST_BATCH = 101;

export const reads: Commands = {
  find: {
    fields: ['filter', 'sort', 'projection', 'skip', 'limit', 'batchSize', 'singleBatch'],
    run({ store, cursors, args }) {
      const [filter, sort] = [args.document('filter'), args.document('sort')];
      const [skip, limit] = [args.size('skip', 0), args.size('limit', 0)];
      const project = compileProjection(args.document('projection'));
      const found = documentsOf(store, args.namespace, { filter, sort, skip, limit });
      const documents = project ? mapped(found, project) : found;
      const batchSize = args.size('batchSize', FIRST_BATCH);
      return firstBatch(cursors, args.namespace, documents, batchSize, args.flag('singleBatch'));
    },
  },

  aggregate: {
    fields: ['pipeline', 'cursor'],
    run({ store, cursors, args }) {
      const cursor = args.value('cursor');
      if (!isDocument(cursor)) throw new MongoError('FailedToParse', "The 'cursor' option is required");
      const pipeline = parsePipeline(args.value('pipeline'));
      const documents = runPipeline(store, args.database, args.namespace, pipeline);
      return firstBatch(cursors, args.namespace, documents, toNumber(cursor.get('batchSize')) ?? FIRST_BATCH);
    },
  },

  getMore: {
    fields: ['collection', 'batchSize'],
    run({ cursors, args }) {
      const namespace = `${args.database}.${args.string('collection')}`;
      // Without a size, MongoDB fills the message.
      const batchSize = args.size('batchSize', 0) || Infinity;
      const batch = cursors.more(args.cursorId(args.value('getMore')), namespace, batchSize);
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
    run({ store, args }) {
      const [filter, skip] = [args.document('query'), args.size('skip', 0)];
      const limit = Math.abs(args.number('limit', 0));
      const collection = filter.size === 0 ? store.get(args.namespace) : undefined;
      const total = collection && store.counts(collection).documents - skip;
      if (total !== undefined) return { n: Math.max(0, Math.min(total, limit || Infinity)) };
      return { n: countOf(documentsOf(store, args.namespace, { filter, skip, limit })) };
    },
  },
};

/** The documents that a query finds; none if the collection does not exist. */
function documentsOf(store: Store, namespace: string, query: Query): Generator<Buffer> {
  const collection = store.get(namespace);
  // An invalid filter is an error even if there is no collection.
  if (!collection) compileFilter(query.filter);
  return mapped(collection ? find(store.engine, collection, query) : [], ({ document }) => document);
}

function runPipeline(store: Store, db: string, namespace: string, pipeline: Pipeline): Iterable<Buffer> {
  let documents: Iterable<Buffer> = documentsOf(store, namespace, pipeline.query);
  for (const stage of pipeline.rest) {
    if (typeof stage === 'function') documents = stage(documents);
    else documents = joined(documents, runPipeline(store, db, join(db, stage.collection), stage.pipeline));
  }
  return documents;
}

function* joined(first: Iterable<Buffer>, second: Iterable<Buffer>): Generator<Buffer> {
  yield* first;
  yield* second;
}

/** The reply to a query: the first documents, and a cursor for the rest. */
export function firstBatch(
  cursors: Cursors,
  namespace: string,
  documents: Iterable<Buffer>,
  batchSize: number,
  single = false,
): Buffer {
  const batch = cursors.start(namespace, documents[Symbol.iterator](), batchSize, single);
  return formatCursor('firstBatch', batch.documents, batch.id, namespace);
}
