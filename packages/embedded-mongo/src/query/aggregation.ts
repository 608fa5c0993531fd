import { Int32 } from 'bson';
import { type Document, EMPTY, encode, isDocument, toNumber } from '../bson/documents.js';
import { MongoError, unsupported } from '../errors.js';
import { compileProjection } from './projection.js';
import type { Query } from './scan.js';

/** Turns the documents of one stage into those of the next. */
type Stage = (documents: Iterable<Buffer | undefined>) => Iterable<Buffer | undefined>;

/** A stage that appends the result of a pipeline on another collection of the database. */
interface Union {
  readonly collection: string;
  readonly pipeline: Pipeline;
}

/** A pipeline: its head as a query that an index can serve, and the stages after it. */
export interface Pipeline {
  readonly query: Query;
  readonly rest: readonly (Stage | Union)[];
}

type Named = [name: string, spec: unknown];

/** Parses a pipeline. Throws on unsupported stages. */
export function parsePipeline(pipeline: unknown): Pipeline {
  if (!Array.isArray(pipeline))
    throw new MongoError('TypeMismatch', "'pipeline' option must be specified as an array");
  const stages = pipeline.map((stage: unknown): Named => {
    const [entry] = isDocument(stage) && stage.size === 1 ? stage : [];
    if (entry) return entry;
    throw new MongoError(40323, 'A pipeline stage must be an object with exactly one field.');
  });
  // In the order of a find.
  const query = {
    filter: documentOf('$match', take(stages, '$match') ?? EMPTY),
    sort: documentOf('$sort', take(stages, '$sort') ?? EMPTY),
    skip: sizeOf('$skip', take(stages, '$skip') ?? new Int32(0)),
    limit: sizeOf('$limit', take(stages, '$limit') ?? new Int32(0)),
  };
  return { query, rest: stages.map(parseStage) };
}

function take(stages: Named[], name: string): unknown {
  return stages[0]?.[0] === name ? stages.shift()?.[1] : undefined;
}

function parseStage([name, spec]: Named): Stage | Union {
  switch (name) {
    case '$project':
      return parseProject(spec);
    case '$group':
      return parseGroup(spec);
    case '$unionWith':
      return parseUnion(spec);
    default:
      throw unsupported(`${name} (here)`, 40324);
  }
}

function documentOf(name: string, spec: unknown): Document {
  if (isDocument(spec)) return spec;
  throw new MongoError(name === '$match' ? 15959 : 'FailedToParse', `${name} must be given an object`);
}

function sizeOf(name: '$skip' | '$limit', spec: unknown): number {
  const size = toNumber(spec) ?? -1;
  if (Number.isInteger(size) && size >= 0) return size;
  throw new MongoError(name === '$limit' ? 5107201 : 5107200, `${name} needs a non-negative whole number`);
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

/** `$group` by a constant with `$sum: 1`, which counts documents. */
function parseGroup(spec: unknown): Stage {
  const { _id: id, ...sums } = Object.fromEntries(documentOf('$group', spec));
  if (isDocument(id) || Array.isArray(id) || typeof id === 'string')
    throw unsupported('$group but by a constant');
  const isCount = (sum: unknown) => isDocument(sum) && sum.size === 1 && toNumber(sum.get('$sum')) === 1;
  if (!Object.values(sums).every(isCount)) throw unsupported('accumulator in $group but { $sum: 1 }', 15952);
  return function* (documents) {
    let n = 0;
    for (const document of documents) {
      if (document) n++;
      yield undefined;
    }
    if (n > 0) yield encode({ _id: id, ...Object.fromEntries(Object.keys(sums).map((name) => [name, n])) });
  };
}

/** Changes what is found, and lets pass what only tells that the search goes on. */
export function* mapped<From, To>(
  items: Iterable<From | undefined>,
  change: (item: From) => To,
): Generator<To | undefined> {
  for (const item of items) yield item === undefined ? undefined : change(item);
}
