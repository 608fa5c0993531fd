import { type Document, encode, isDocument, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { type Others, parsePipeline, runStages, type Unite } from '../query/aggregation.js';
import { plan } from '../query/planner.js';
import { compileProjection } from '../query/projection.js';
import { ordered } from '../query/scan.js';
import type { Collection } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import { formatCursor } from '../wire/messages.js';
import { type Arguments, type Command, namespace as join } from './command.js';
import { FIRST_BATCH, mapped } from './find.js';
import { collStatsStage } from './statistics.js';

export const aggregate: Command = {
  fields: ['pipeline', 'cursor', 'allowDiskUse', 'hint', 'bypassDocumentValidation', 'explain'],
  run({ store, cursors, args }) {
    const { namespace } = args;
    if (args.flag('explain'))
      throw new MongoError('NotImplemented', "Use the command 'explain' to explain an aggregation.");
    if (!isDocument(args.value('cursor'))) {
      throw new MongoError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    }
    const batchSize = toNumber(args.document('cursor').get('batchSize')) ?? FIRST_BATCH;
    const documents = aggregateDocuments(store, namespace, args);
    const batch = cursors.start(namespace, documents, batchSize, false);
    return formatCursor('firstBatch', batch.documents, batch.id, namespace);
  },
};

function aggregateDocuments(store: Store, namespace: string, args: Arguments): Iterator<Buffer> {
  const resolve = (name: string) => {
    const other = store.get(join(args.database, name));
    return other ? documentsOf(other) : [];
  };
  const stages = parsePipeline(args.value('pipeline'));
  const [[first, spec] = [], ...others] = stages;
  const united: Unite = (name, pipeline) => runPipeline(store, join(args.database, name), pipeline, tools);
  const tools = { resolve, united };
  if (first === '$collStats') return runStages([collStatsStage(store, namespace, spec)], others, tools);
  return runPipeline(store, namespace, stages, tools, args.value('hint'));
}

/** A pipeline over a collection, the head of it by an index. */
function runPipeline(
  store: Store,
  namespace: string,
  stages: readonly [string, unknown][],
  tools: Others,
  hint?: unknown,
): Generator<Buffer> {
  const { filter, sort, skip, limit, counts, rest } = prepare(stages);
  const collection = store.get(namespace);
  const chosen = collection && plan(collection, filter, sort, hint);
  const found = chosen ? ordered(store.reader, collection, chosen, skip, limit) : [];
  if (counts) return runStages(counted(found, counts), rest, tools);
  const [[name, spec] = [], ...others] = rest;
  const project = name === '$project' && isPlain(spec) ? compileProjection(spec) : undefined;
  return project ? runStages(mapped(found, project), others, tools) : runStages(found, rest, tools);
}

/** Whether a projection only names fields of the top level, and computes nothing. */
function isPlain(projection: unknown): projection is Document {
  return (
    isDocument(projection) &&
    projection.size > 0 &&
    [...projection].every(([path, value]) => !path.includes('.') && toNumber(value) !== undefined)
  );
}

/** The head of a pipeline, which an index can serve, and what is left for mingo. */
interface Prepared {
  readonly filter: Document;
  readonly sort: Document;
  readonly skip: number;
  readonly limit: number;
  /** The pipeline only counts: the fields of the one document it gives. */
  readonly counts: ((n: number) => Record<string, unknown>) | undefined;
  readonly rest: readonly [string, unknown][];
}

/** Takes `$match`, `$sort`, `$skip` and `$limit` from the front, in the order in which a find has them. */
export function prepare(stages: readonly [string, unknown][]): Prepared {
  const rest = [...stages];
  const filters: Document[] = [];
  for (let spec = take(rest, '$match'); spec !== undefined; spec = take(rest, '$match')) {
    if (!isDocument(spec))
      throw new MongoError('Location15959', 'the match filter must be an expression in an object');
    filters.push(spec);
  }
  const sort = take(rest, '$sort');
  const skip = toNumber(take(rest, '$skip')) ?? 0;
  const limit = toNumber(take(rest, '$limit')) ?? 0;
  const [only = new Map<string, unknown>()] = filters;
  return {
    filter: filters.length > 1 ? new Map([['$and', filters]]) : only,
    sort: isDocument(sort) ? sort : new Map<string, unknown>(),
    skip,
    limit,
    counts: takeCount(rest),
    rest,
  };
}

function take(stages: [string, unknown][], name: string): unknown {
  return stages[0]?.[0] === name ? stages.shift()?.[1] : undefined;
}

/** Counting is what `$count` and drivers' countDocuments ask for; no document needs decoding for that. */
function takeCount(stages: [string, unknown][]): Prepared['counts'] {
  const [name, spec] = stages[0] ?? [];
  if (name === '$count' && typeof spec === 'string') {
    stages.shift();
    return (n) => ({ [spec]: n });
  }
  const n = isDocument(spec) ? spec.get('n') : undefined;
  const countsAll = name === '$group' && isDocument(spec) && spec.size === 2 && isDocument(n) && n.size === 1;
  const id: unknown = isDocument(spec) ? spec.get('_id') : undefined;
  if (!countsAll || toNumber(n.get('$sum')) !== 1 || toNumber(id) === undefined) return undefined;
  stages.shift();
  return (total) => ({ _id: id, n: total });
}

function* counted(
  documents: Iterable<Buffer>,
  format: (n: number) => Record<string, unknown>,
): Generator<Buffer> {
  let n = 0;
  for (const document of documents) n += document.length > 0 ? 1 : 0;
  if (n > 0) yield encode(format(n));
}

function* documentsOf(collection: Collection): Generator<Buffer> {
  for (const [, document] of collection.all()) yield document;
}
