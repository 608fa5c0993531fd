import { Long } from 'bson';
import { Aggregator } from 'mingo/aggregator';
import { type Document, decode, encode, isDocument, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { checkDeadline } from './deadline.js';
import { guarded, isAccumulator, MINGO_OPTIONS } from './expressions.js';
import { compileFilter, type Matcher } from './matcher.js';
import { fromPlain, type PlainObject, toPlain, toPlainObject } from './plain.js';
import { parseSort, sortDocuments } from './sort.js';

/** The stages that give MongoDB's answers here; what mingo answers otherwise ($bucket, …) is refused. */
const STAGES = new Set([
  '$addFields',
  '$collStats',
  '$count',
  '$facet',
  '$group',
  '$limit',
  '$lookup',
  '$match',
  '$project',
  '$replaceRoot',
  '$replaceWith',
  '$sample',
  '$set',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unionWith',
  '$unset',
  '$unwind',
]);

const UPDATE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

/** Finds the documents of another collection of the same database, for `$lookup` and its kin. */
export type CollectionResolver = (collection: string) => Iterable<Buffer>;

/** Runs a pipeline over another collection of the same database, for `$unionWith`. */
export type Unite = (collection: string, pipeline: [stage: string, spec: unknown][]) => Iterable<Buffer>;

/** How stages reach other collections. */
export interface Others {
  readonly resolve: CollectionResolver;
  readonly united: Unite;
}

/** The stages of a pipeline by name; throws for one that is not supported. */
export function parsePipeline(pipeline: unknown): [stage: string, spec: unknown][] {
  if (!Array.isArray(pipeline))
    throw new MongoError('TypeMismatch', "'pipeline' option must be specified as an array");
  return pipeline.map((stage: unknown, place) => {
    const [entry] = isDocument(stage) && stage.size === 1 ? stage : [];
    if (!entry) {
      throw new MongoError(
        'Location40323',
        'A pipeline stage specification object must contain exactly one field.',
      );
    }
    if (!STAGES.has(entry[0]))
      throw new MongoError('Location40324', `Unrecognized pipeline stage name: '${entry[0]}'`);
    if (entry[0] === '$collStats' && place > 0)
      throw new MongoError('Location40602', '$collStats is only valid as the first stage in a pipeline');
    checkStage(...entry);
    return entry;
  });
}

/** What mingo would let pass. */
function checkStage(name: string, spec: unknown): void {
  if ((name === '$limit' || name === '$skip') && !(isWhole(spec) && (toNumber(spec) ?? -1) >= 0)) {
    throw new MongoError(
      name === '$limit' ? 'Location5107201' : 'Location5107200',
      `invalid argument to ${name} stage: Expected a non-negative whole number`,
    );
  }
  if (name === '$limit' && toNumber(spec) === 0)
    throw new MongoError('Location15958', 'the limit must be positive');
  if (name === '$sample') checkSample(spec);
  if (name === '$facet') checkFacets(spec);
  if (name === '$count' && (typeof spec !== 'string' || !/^[^$.\0][^.\0]*$/.test(spec))) {
    throw new MongoError('Location40157', 'the count field must be a non-empty string without $ and dots');
  }
  if (name === '$project' && isDocument(spec) && spec.size === 0) {
    throw new MongoError(
      'Location51272',
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  }
  if (name === '$group' && isDocument(spec)) checkGroup(spec);
  const path = name === '$unwind' && isDocument(spec) ? spec.get('path') : spec;
  if (name === '$unwind' && (typeof path !== 'string' || !path.startsWith('$'))) {
    throw new MongoError('Location28818', "path option to $unwind stage should be prefixed with a '$'");
  }
}

function isWhole(value: unknown): boolean {
  return Number.isInteger(toNumber(value));
}

function checkSample(spec: unknown): void {
  if (!isDocument(spec))
    throw new MongoError('Location28745', 'the $sample stage specification must be an object');
  const unknown = [...spec.keys()].find((option) => option !== 'size');
  if (unknown !== undefined)
    throw new MongoError('Location28748', `unrecognized option to $sample: ${unknown}`);
  if (!spec.has('size')) throw new MongoError('Location28749', '$sample stage must specify a size');
  const size = toNumber(spec.get('size'));
  if (size === undefined) throw new MongoError('Location28746', 'size argument to $sample must be a number');
  if (!(size >= 1))
    throw new MongoError('Location28747', 'size argument to $sample must be a positive integer');
}

function checkFacets(spec: unknown): void {
  if (!isDocument(spec) || spec.size === 0)
    throw new MongoError('Location40169', 'the $facet specification must be a non-empty object');
  for (const pipeline of spec.values()) {
    if (!Array.isArray(pipeline)) throw new MongoError('Location40170', 'arguments to $facet must be arrays');
    const refused = parsePipeline(pipeline).find(([name]) => name === '$facet' || name === '$collStats');
    if (refused)
      throw new MongoError('Location40600', `${refused[0]} is not allowed to be used within a $facet stage`);
  }
}

function checkGroup(spec: Document): void {
  if (!spec.has('_id')) throw new MongoError('Location15955', 'a group specification must include an _id');
  for (const [field, computed] of spec) {
    const operator = isDocument(computed) ? (computed.keys().next().value ?? '') : '';
    if (field !== '_id' && !isAccumulator(operator)) {
      throw new MongoError('Location15952', `unknown group operator '${operator}'`);
    }
  }
}

/** Runs stages over documents with mingo. */
export function* runStages(
  documents: Iterable<Buffer>,
  stages: readonly [string, unknown][],
  others: Others,
): Generator<Buffer> {
  let results = documents;
  for (const [name, spec] of stages) results = runStage(results, name, spec, others);
  yield* results;
}

/** What selects and orders is the store's own, exact for all types; what computes is mingo's. */
function runStage(
  documents: Iterable<Buffer>,
  name: string,
  spec: unknown,
  others: Others,
): Iterable<Buffer> {
  if (name === '$sort' && isDocument(spec)) return sortDocuments(documents, parseSort(spec));
  if (name === '$match' && isDocument(spec)) return filtered(documents, compileFilter(spec));
  if (name === '$limit') return sliced(documents, 0, toNumber(spec) ?? 0);
  if (name === '$skip') return sliced(documents, toNumber(spec) ?? 0, Infinity);
  if (name === '$sample' && isDocument(spec))
    return sampled(documents, Math.trunc(toNumber(spec.get('size')) ?? 0));
  if (name === '$facet' && isDocument(spec)) return [facets([...documents], spec, others)];
  if (name === '$unionWith') return joined(documents, ...unionOf(spec), others.united);
  const options = {
    ...MINGO_OPTIONS,
    collectionResolver: (other: string) => [...plainDocuments(others.resolve(other))],
  };
  const aggregator = new Aggregator([{ [name]: toPlain(spec) }], options);
  if (EACH_BY_ITSELF.has(name)) return eachByItself(documents, name, spec, aggregator);
  const output = guarded(() => aggregator.run<PlainObject>(plainDocuments(documents)));
  return output.map((one) => encode(fromPlain(one)));
}

/** The stages that make of a document what does not depend on others; the fields they leave alone keep their types. */
const EACH_BY_ITSELF = new Set(['$addFields', '$project', '$set', '$unset', '$unwind']);

function* eachByItself(
  documents: Iterable<Buffer>,
  name: string,
  spec: unknown,
  aggregator: Aggregator,
): Generator<Buffer> {
  for (const document of documents) {
    const before = decode(document);
    const output = guarded(() => aggregator.run<PlainObject>([toPlainObject(before)]));
    for (const one of output) {
      const after = decode(
        encode(fromPlain(name === '$project' && isDocument(spec) ? inOrder(one, spec) : one)),
      );
      const typed = withTypes(after, before) as Document;
      if (name === '$unwind' && isDocument(spec)) countAsLong(typed, spec.get('includeArrayIndex'));
      yield encode(typed);
    }
  }
}

/** MongoDB numbers the elements of an array with longs. */
function countAsLong(document: Document, field: unknown): void {
  const place = typeof field === 'string' ? toNumber(document.get(field)) : undefined;
  if (place !== undefined) document.set(String(field), Long.fromNumber(place));
}

/** What a `$unionWith` names: a collection, or a collection and a pipeline over it. */
function unionOf(spec: unknown): [collection: string, pipeline: [string, unknown][]] {
  const collection = isDocument(spec) ? spec.get('coll') : spec;
  if (typeof collection !== 'string')
    throw new MongoError('FailedToParse', '$unionWith must name a collection');
  const pipeline = isDocument(spec) ? spec.get('pipeline') : undefined;
  return [collection, pipeline === undefined ? [] : parsePipeline(pipeline)];
}

/** The documents, and after their last one those of the other collection, which is not looked at before. */
function* joined(
  documents: Iterable<Buffer>,
  collection: string,
  pipeline: [string, unknown][],
  united: Unite,
): Generator<Buffer> {
  yield* documents;
  yield* united(collection, pipeline);
}

function* sliced(documents: Iterable<Buffer>, start: number, length: number): Generator<Buffer> {
  let n = 0;
  for (const document of documents) {
    if (n >= start) yield document;
    if (++n >= start + length) return;
  }
}

/** As many documents, in any order; each as likely as any other. Holds no more than those. */
function sampled(documents: Iterable<Buffer>, size: number): Buffer[] {
  const drawn: Buffer[] = [];
  let seen = 0;
  for (const document of documents) {
    const place = Math.floor(Math.random() * ++seen);
    if (drawn.length < size) {
      // Puts it at a random place, and what was there at the end.
      drawn.push(drawn[place] ?? document);
      drawn[place] = document;
    } else if (place < size) drawn[place] = document;
  }
  return drawn;
}

function facets(documents: readonly Buffer[], spec: Document, others: Others): Buffer {
  const results = [...spec].map(([name, pipeline]): [string, unknown] => {
    const found = runStages(documents, parsePipeline(pipeline), others);
    return [name, [...found].map((document) => decode(document))];
  });
  return encode(new Map(results));
}

function* filtered(documents: Iterable<Buffer>, matches: Matcher): Generator<Buffer> {
  for (const document of documents) if (matches(decode(document))) yield document;
}

/** MongoDB puts the `_id` first, and the others in the order in which the projection names them. */
function inOrder(projected: PlainObject, spec: Document): PlainObject {
  const names = new Set([
    '_id',
    ...[...spec.keys()].map((path) => path.split('.')[0] ?? path),
    ...Object.keys(projected),
  ]);
  return Object.fromEntries(
    [...names].filter((name) => Object.hasOwn(projected, name)).map((name) => [name, projected[name]]),
  );
}

function* plainDocuments(documents: Iterable<Buffer>): Generator<PlainObject> {
  for (const document of documents) {
    checkDeadline();
    yield toPlainObject(decode(document));
  }
}

/** An update given as a pipeline. What it leaves alone keeps its BSON type. */
export function compilePipelineUpdate(pipeline: unknown[]): (document: Document) => Document {
  const stages = parsePipeline(pipeline);
  const refused = stages.find(([name]) => !UPDATE_STAGES.has(name));
  if (refused)
    throw new MongoError('InvalidOptions', `${refused[0]} is not allowed to be used within an update`);
  const aggregator = new Aggregator(
    stages.map(([name, spec]) => ({ [name]: toPlain(spec) })),
    MINGO_OPTIONS,
  );
  return (document) => {
    const [after] = guarded(() => aggregator.run<PlainObject>([toPlainObject(document)]));
    if (!after) throw new MongoError('BadValue', 'the update leaves no document');
    return withTypes(decode(encode(fromPlain(after))), document) as Document;
  };
}

/** The value, with the original's BSON types wherever both stand for the same. */
function withTypes(value: unknown, original: unknown): unknown {
  if (isDocument(value) && isDocument(original)) {
    return new Map([...value].map(([name, inner]) => [name, withTypes(inner, original.get(name))]));
  }
  if (Array.isArray(value) && Array.isArray(original)) {
    return value.map((inner: unknown, i) => withTypes(inner, original[i]));
  }
  const [a, b] = [toPlain(value), toPlain(original)];
  return typeof a !== 'object' && a === b ? original : value;
}
