import { Int32 } from 'bson';
import {
  decode,
  type Document,
  EMPTY,
  encode,
  isDocument,
  isNumber,
  toNumber,
  toRaw,
} from '../bson/documents.js';
import { keyOf } from '../bson/keys.js';
import { MongoError, unsupported } from '../errors.js';
import { compileFilter, MISSING, valueAt } from './filter.js';
import { compileProjection } from './projection.js';
import type { Query } from './scan.js';
import { parseSort, sortFound } from './sort.js';
import { add } from './update.js';

/** Turns the documents of one stage into those of the next. */
type Stage = (documents: Iterable<Buffer>) => Iterable<Buffer>;

/** A stage that adds what a pipeline gives on another collection of the database. */
export interface Union {
  readonly collection: string;
  readonly pipeline: Pipeline;
}

/** A pipeline: its head as a query that an index can serve, and what is done with what that finds. */
export interface Pipeline {
  readonly query: Query;
  readonly rest: readonly (Stage | Union)[];
}

type Named = [name: string, spec: unknown];

const MAX_STAGES = 1000;

/** Reads a pipeline; throws for a stage that is not supported. */
export function parsePipeline(pipeline: unknown): Pipeline {
  if (!Array.isArray(pipeline))
    throw new MongoError('TypeMismatch', "'pipeline' option must be specified as an array");
  if (pipeline.length > MAX_STAGES)
    throw new MongoError('FailedToParse', `A pipeline has at most ${MAX_STAGES} stages`);
  const stages = pipeline.map((stage: unknown): Named => {
    const [entry] = isDocument(stage) && stage.size === 1 ? stage : [];
    if (entry) return entry;
    throw new MongoError(40323, 'A pipeline stage must be an object with exactly one field.');
  });
  // In the order in which a find has them.
  const query = {
    filter: documentOf('$match', take(stages, '$match') ?? EMPTY),
    sort: documentOf('$sort', take(stages, '$sort') ?? EMPTY),
    skip: sizeOf('$skip', take(stages, '$skip') ?? new Int32(0)),
    limit: 0,
  };
  const limit = take(stages, '$limit');
  if (limit !== undefined) query.limit = sizeOf('$limit', limit);
  return { query, rest: stages.map(parseStage) };
}

function take(stages: Named[], name: string): unknown {
  return stages[0]?.[0] === name ? stages.shift()?.[1] : undefined;
}

function parseStage([name, spec]: Named): Stage | Union {
  switch (name) {
    case '$match': {
      const matches = compileFilter(documentOf(name, spec));
      return (documents) => filtered(documents, (document) => matches(decode(document)));
    }
    case '$sort': {
      const sort = parseSort(documentOf(name, spec));
      return (documents) => sorted(documents, sort);
    }
    case '$skip': {
      const skip = sizeOf(name, spec);
      return (documents) => sliced(documents, skip, Infinity);
    }
    case '$limit': {
      const limit = sizeOf(name, spec);
      return (documents) => sliced(documents, 0, limit);
    }
    case '$project':
      return parseProject(spec);
    case '$group':
      return parseGroup(spec);
    case '$unionWith':
      return parseUnion(spec);
    default:
      throw unsupported(name, 40324);
  }
}

function documentOf(name: string, spec: unknown): Document {
  if (isDocument(spec)) return spec;
  throw new MongoError(name === '$match' ? 15959 : 'FailedToParse', `${name} must be given an object`);
}

function sizeOf(name: '$skip' | '$limit', spec: unknown): number {
  const size = toNumber(spec) ?? -1;
  if (!Number.isInteger(size) || size < 0)
    throw new MongoError(name === '$limit' ? 5107201 : 5107200, `${name} needs a non-negative whole number`);
  if (name === '$limit' && size === 0) throw new MongoError(15958, 'the limit must be positive');
  return size;
}

function parseProject(spec: unknown): Stage {
  const project = isDocument(spec) ? compileProjection(spec) : undefined;
  if (project) return (documents) => mapped(documents, project);
  throw new MongoError(51272, 'a $project specification must have at least one field');
}

function parseUnion(spec: unknown): Union {
  const { coll, pipeline = [], ...others } = Object.fromEntries(documentOf('$unionWith', spec));
  const [other] = Object.keys(others);
  if (other !== undefined) throw unsupported(`'${other}' in $unionWith`, 40415);
  if (typeof coll === 'string') return { collection: coll, pipeline: parsePipeline(pipeline) };
  throw new MongoError('FailedToParse', '$unionWith needs the name of a collection');
}

/** `$group` by a constant or a field, with `$sum` of 1 or of a field: what counting takes, and a look at the data. */
function parseGroup(spec: unknown): Stage {
  if (!isDocument(spec)) throw new MongoError(15947, "a group's fields must be an object");
  if (!spec.has('_id')) throw new MongoError(15955, 'a group specification must include an _id');
  const idOf = expression('$group by a document or a list', spec.get('_id'));
  const sums = [...spec]
    .filter(([name]) => name !== '_id')
    .map(([name, sum]) => [name, summand(sum)] as const);
  return function* (documents) {
    const groups = new Map<string, Document>();
    let group: Document = new Map();
    for (const bytes of documents) {
      const id = idOf(bytes);
      if (!group.has('_id') || group.get('_id') !== id) {
        const key = keyOf(toRaw(id)).toString('latin1');
        group = groups.get(key) ?? new Map([['_id', id], ...sums.map(([name]) => [name, ZERO] as const)]);
        groups.set(key, group);
      }
      for (const [name, of] of sums) {
        const value = of(bytes);
        if (isNumber(value)) group.set(name, add(group.get(name), value));
      }
    }
    for (const group of groups.values()) yield encode(group);
  };
}

const ZERO = new Int32(0);

function summand(computed: unknown): (document: Buffer) => unknown {
  const operator = isDocument(computed) ? (computed.keys().next().value ?? '') : '';
  if (!isDocument(computed) || operator !== '$sum' || computed.size > 1)
    throw unsupported(`${operator || 'such'} accumulator in $group`, 15952);
  return expression('$sum of a document or a list', computed.get('$sum'));
}

/** A constant, or '$path'; which is null where a document has nothing there. */
function expression(what: string, of: unknown): (document: Buffer) => unknown {
  if (isDocument(of) || Array.isArray(of)) throw unsupported(what);
  if (typeof of !== 'string' || !of.startsWith('$')) return () => of;
  const path = of.slice(1);
  if (path === '' || path.startsWith('$')) throw unsupported(`variable '${of}'`);
  return (document) => {
    const value = valueAt(decode(document), path);
    return value === MISSING ? null : value;
  };
}

function* filtered(documents: Iterable<Buffer>, matches: (document: Buffer) => boolean): Generator<Buffer> {
  for (const document of documents) if (matches(document)) yield document;
}

function* sorted(documents: Iterable<Buffer>, sort: ReturnType<typeof parseSort>): Generator<Buffer> {
  const found = sortFound(
    mapped(documents, (document) => ({ document })),
    sort,
  );
  for (const { document } of found) yield document;
}

function* sliced(documents: Iterable<Buffer>, start: number, length: number): Generator<Buffer> {
  let n = 0;
  for (const document of documents) {
    if (n >= start) yield document;
    if (++n >= start + length) return;
  }
}

export function* mapped<From, To>(items: Iterable<From>, change: (item: From) => To): Generator<To> {
  for (const item of items) yield change(item);
}
