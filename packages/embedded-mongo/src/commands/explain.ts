import { type Document, EMPTY, isDocument, isTruthy, toNumber } from '../bson/documents.js';
import { unsupported } from '../errors.js';
import { parsePipeline, type Pipeline } from '../query/aggregation.js';
import { plan, type Plan } from '../query/planner.js';
import { follow, type Query, skipsKeys } from '../query/scan.js';
import { keyPattern } from '../storage/indexes.js';
import type { Store } from '../storage/store.js';
import { type Command, namespace as join } from './command.js';

type Stage = Record<string, unknown>;

export const explain: Command = {
  fields: ['verbosity'],
  run({ store, args }) {
    const explained = args.document('explain');
    const [name = '', collection] = explained.entries().next().value ?? [];
    const execute = args.value('verbosity') !== 'queryPlanner';
    const stages = stagesOf(store, args.database, collection, pipelineOf(name, explained), execute);
    const [only] = stages;
    return { ...(stages.length === 1 ? (only?.['$cursor'] as Stage) : { stages }), command: explained };
  },
};

/** What an index or a scan finds: the head of a pipeline, and the heads of its unions. */
function stagesOf(
  store: Store,
  database: string,
  collection: unknown,
  { query, rest }: Pipeline,
  execute: boolean,
): Stage[] {
  const unions = rest.flatMap((stage) => (typeof stage === 'function' ? [] : [stage]));
  return [
    { $cursor: explainQuery(store, join(database, collection), query, execute) },
    ...unions.map(({ collection: coll, pipeline }) => ({
      $unionWith: { coll, pipeline: stagesOf(store, database, coll, pipeline, execute) },
    })),
  ];
}

function explainQuery(store: Store, namespace: string, query: Query, execute: boolean): Stage {
  const collection = store.get(namespace);
  const planned = collection && plan(collection, query.filter, query.sort ?? EMPTY);
  const winningPlan = planned ? planOf(planned, query) : { stage: 'EOF' };
  const queryPlanner = { namespace, winningPlan, rejectedPlans: [] };
  if (!execute) return { queryPlanner };
  const counts = { keys: 0, documents: 0 };
  const found = collection && planned ? [...follow(store.engine, collection, planned, query, counts)] : [];
  const totals = { totalKeysExamined: counts.keys, totalDocsExamined: counts.documents };
  return {
    queryPlanner,
    executionStats: { nReturned: found.length, ...totals, executionStages: winningPlan },
  };
}

/** The stages of a plan in MongoDB's form: the outermost runs last. */
function planOf(planned: Plan, query: Query): Stage {
  const { index, backwards, residual, sort } = planned;
  const filter = residual && { filter: query.filter };
  const direction = backwards ? 'backward' : 'forward';
  let stage: Stage = { stage: 'COLLSCAN', ...filter, direction };
  if (index) {
    const { name: indexName, unique: isUnique } = index;
    const scan = { stage: 'IXSCAN', keyPattern: keyPattern(index), indexName, isUnique, direction };
    stage = { stage: 'FETCH', ...filter, inputStage: skipsKeys(planned) ? skipping(scan, query) : scan };
  }
  if (sort) stage = { stage: 'SORT', sortPattern: query.sort, inputStage: stage };
  if (!skipsKeys(planned)) stage = skipping(stage, query);
  if (query.limit) stage = { stage: 'LIMIT', limitAmount: query.limit, inputStage: stage };
  return stage;
}

function skipping(inputStage: Stage, { skip }: Query): Stage {
  return skip ? { stage: 'SKIP', skipAmount: skip, inputStage } : inputStage;
}

/** The query of any of these commands, as a pipeline. */
function pipelineOf(name: string, command: Document): Pipeline {
  switch (name) {
    case 'aggregate':
      return parsePipeline(command.get('pipeline'));
    case 'find':
    case 'count':
    case 'findAndModify': {
      const limit = name === 'findAndModify' ? 1 : (toNumber(command.get('limit')) ?? 0);
      const filter = part(command, name === 'find' ? 'filter' : 'query');
      const sort = part(command, 'sort');
      return { query: { filter, sort, skip: toNumber(command.get('skip')) ?? 0, limit }, rest: [] };
    }
    case 'update':
    case 'delete': {
      const [statement = EMPTY] = [command.get(`${name}s`)].flat().filter(isDocument);
      const all = isTruthy(statement.get('multi') ?? false) || toNumber(statement.get('limit')) === 0;
      return { query: { filter: part(statement, 'q'), limit: all ? 0 : 1 }, rest: [] };
    }
    default:
      throw unsupported(`explain of '${name}'`, 'CommandNotFound');
  }
}

function part(command: Document, name: string): Document {
  const value = command.get(name);
  return isDocument(value) ? value : EMPTY;
}
