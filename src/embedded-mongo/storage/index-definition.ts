import { Int32 } from 'bson';
import { type Document, encode, isDocument, isTruthy, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { compileFilter, type Matcher } from '../query/matcher.js';

export interface IndexField {
  readonly path: string;
  /** The path's names, for comparison with raw bytes. */
  readonly parts: readonly Buffer[];
  readonly descending: boolean;
}

/** An index as the planner and the writer see it. */
export interface Index {
  readonly id: number;
  readonly name: string;
  readonly unique: boolean;
  /** Documents that have none of its fields are left out. */
  readonly sparse: boolean;
  /** Only the documents that match this filter are in it. */
  readonly partial: Document | undefined;
  readonly covers: Matcher | undefined;
  readonly fields: readonly IndexField[];
  /** Some document has an array on an indexed path, so it has several keys. */
  multikey: boolean;
  /** Readers may use it: what it holds is on disk. */
  ready: boolean;
}

/** What an index can be, and what changes nothing here. */
const OPTIONS = new Set([
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'background',
  'v',
  'ns',
]);

/** Options of MongoDB's that this store would not honour. */
const UNSUPPORTED = new Set([
  'expireAfterSeconds',
  'collation',
  'hidden',
  'weights',
  'default_language',
  'wildcardProjection',
  'clustered',
  'prepareUnique',
  'storageEngine',
  'bits',
  'min',
  'max',
  '2dsphereIndexVersion',
  'textIndexVersion',
  'language_override',
]);

/** Reads one entry of createIndexes; throws for every option the store would not honour. */
export function parseIndex(id: number, spec: Document): Index {
  const key = spec.get('key');
  const name = spec.get('name');
  if (!isDocument(key))
    throw new MongoError('FailedToParse', "The 'key' field is a required property of an index specification");
  if (typeof name !== 'string')
    throw new MongoError(
      'FailedToParse',
      "The 'name' field is a required property of an index specification",
    );
  if (key.size === 0 || name === '')
    throw new MongoError('CannotCreateIndex', 'Index keys and names cannot be empty.');
  const fields = [...key].map(([path, direction]) => parseField(path, direction));
  for (const [option, value] of spec) {
    if (OPTIONS.has(option) || (option === 'hidden' && value === false)) continue;
    const [code, reason] = UNSUPPORTED.has(option)
      ? (['CannotCreateIndex', 'is not supported by the embedded store'] as const)
      : (['InvalidIndexSpecificationOption', 'is not valid for an index specification'] as const);
    throw new MongoError(code, `The field '${option}' ${reason}.`);
  }
  const partial = spec.get('partialFilterExpression');
  if (partial !== undefined && !isDocument(partial)) {
    throw new MongoError('TypeMismatch', "The field 'partialFilterExpression' must be an object");
  }
  return {
    id,
    name,
    unique: isTruthy(spec.get('unique')),
    sparse: isTruthy(spec.get('sparse')),
    partial,
    covers: partial && compileFilter(partial),
    fields,
    multikey: false,
    ready: false,
  };
}

/** The options that make an index of the same keys another one. */
export function sameOptions(a: Index, b: Index): boolean {
  const partial = ({ partial: filter }: Index): string => (filter ? encode(filter).toString('latin1') : '');
  return a.unique === b.unique && a.sparse === b.sparse && partial(a) === partial(b);
}

/** The key pattern as a client wrote it: { a: 1, b: -1 }. */
export function keyPattern(index: Index): Document {
  return new Map(index.fields.map(({ path, descending }) => [path, new Int32(descending ? -1 : 1)]));
}

function parseField(path: string, direction: unknown): IndexField {
  const number = toNumber(direction);
  if (number === undefined) {
    throw new MongoError('CannotCreateIndex', `The embedded store has no '${String(direction)}' indexes.`);
  }
  const names = path.split('.');
  if (number === 0 || names.some((name) => name === '' || name.startsWith('$'))) {
    throw new MongoError('CannotCreateIndex', `Index key '${path}' has a bad name or direction.`);
  }
  return { path, parts: names.map((name) => Buffer.from(name)), descending: number < 0 };
}
