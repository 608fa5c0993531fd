import { type Document, isDocument, isTruthy, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { parsePipeline } from '../query/aggregation.js';
import { plan, type Plan } from '../query/planner.js';
import { ordered, type ScanCounts, skipsKeys } from '../query/scan.js';
import { keyPattern } from '../storage/index-definition.js';
import { prepare } from './aggregate.js';
import { type Command, namespace as join } from './command.js';
import { VERSION } from './hello.js';

/** What the explained command asks for, whichever it is. */
interface Query {
  readonly filter: Document;
  readonly sort: Document;
  readonly skip: number;
  readonly limit: number;
  readonly hint: unknown;
  readonly projection: Document;
}

type Stage = Record<string, unknown>;

export const explain: Command = {
  fields: ['verbosity'],
  run({ store, args }) {
    const explained = args.document('explain');
    const [name = '', collectionName] = explained.entries().next().value ?? [];
    const namespace = join(args.database, String(collectionName));
    const query = queryOf(name, explained);
    const collection = store.get(namespace);
    const planned = collection && plan(collection, query.filter, query.sort, query.hint);
    const winningPlan = planned ? stagesOf(planned, query) : { stage: 'EOF' };
    const counts: ScanCounts = { keys: 0, documents: 0 };
    const started = Date.now();
    const verbosity = args.string('verbosity') ?? 'allPlansExecution';
    let nReturned = 0;
    if (verbosity !== 'queryPlanner' && collection && planned) {
      const documents = ordered(store.reader, collection, planned, query.skip, query.limit, counts);
      nReturned = [...documents].length;
    }
    return {
      explainVersion: '1',
      queryPlanner: {
        namespace,
        parsedQuery: query.filter,
        indexFilterSet: false,
        winningPlan,
        rejectedPlans: [],
      },
      ...(verbosity !== 'queryPlanner' && {
        executionStats: {
          executionSuccess: true,
          nReturned,
          executionTimeMillis: Date.now() - started,
          totalKeysExamined: counts.keys,
          totalDocsExamined: counts.documents,
          executionStages: winningPlan,
        },
      }),
      command: explained,
      serverInfo: { host: 'embedded', version: VERSION },
    };
  },
};

/** The stages of a plan, the last to run on the outside, as MongoDB shows them. */
function stagesOf(planned: Plan, query: Query): Stage {
  const filter = planned.residual && { filter: query.filter };
  const keysAreSkipped = query.skip > 0 && skipsKeys(planned);
  const direction = planned.backwards ? 'backward' : 'forward';
  let stage: Stage = { stage: 'COLLSCAN', ...filter, direction };
  if (planned.index) {
    const { name, unique, multikey } = planned.index;
    const scan = {
      stage: 'IXSCAN',
      keyPattern: keyPattern(planned.index),
      indexName: name,
      isMultiKey: multikey,
      isUnique: unique,
      direction,
    };
    const skipped = { stage: 'SKIP', skipAmount: query.skip, inputStage: scan };
    stage = { stage: 'FETCH', ...filter, inputStage: keysAreSkipped ? skipped : scan };
  }
  if (planned.sort) stage = { stage: 'SORT', sortPattern: query.sort, inputStage: stage };
  if (query.skip > 0 && !keysAreSkipped) stage = { stage: 'SKIP', skipAmount: query.skip, inputStage: stage };
  if (query.limit > 0) stage = { stage: 'LIMIT', limitAmount: query.limit, inputStage: stage };
  if (query.projection.size > 0) {
    stage = { stage: 'PROJECTION_DEFAULT', transformBy: query.projection, inputStage: stage };
  }
  return stage;
}

function queryOf(name: string, command: Document): Query {
  const base = {
    sort: part(command, 'sort'),
    skip: 0,
    limit: 0,
    hint: command.get('hint'),
    projection: new Map(),
  };
  switch (name) {
    case 'find': {
      const [skip = 0, limit = 0] = [toNumber(command.get('skip')), toNumber(command.get('limit'))];
      return {
        ...base,
        filter: part(command, 'filter'),
        skip,
        limit: Math.abs(limit),
        projection: part(command, 'projection'),
      };
    }
    case 'count':
    case 'distinct':
      return { ...base, filter: part(command, 'query') };
    case 'findAndModify':
      return { ...base, filter: part(command, 'query'), limit: 1 };
    case 'aggregate':
      return { ...base, ...prepare(parsePipeline(command.get('pipeline'))) };
    case 'update':
    case 'delete': {
      const statements = command.get(`${name}s`);
      const first: unknown = Array.isArray(statements) ? statements[0] : undefined;
      const statement: Document = isDocument(first) ? first : new Map<string, unknown>();
      const all =
        name === 'update' ? isTruthy(statement.get('multi')) : toNumber(statement.get('limit')) === 0;
      return { ...base, filter: part(statement, 'q'), hint: statement.get('hint'), limit: all ? 0 : 1 };
    }
    default:
      throw new MongoError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
  }
}

function part(command: Document, name: string): Document {
  const value = command.get(name);
  return isDocument(value) ? value : new Map<string, unknown>();
}
