import { ObjectId } from 'bson';
import { decode, type Document, encode, isDocument } from '../bson/documents.js';
import { compareValues } from '../bson/keys.js';
import { MongoError, unsupported } from '../errors.js';
import { isOperatorDocument } from './filter.js';

/** Changes a decoded document in place, or returns a replacement. */
type Change = (document: Document, inserting: boolean) => Document;

export interface Update {
  /** Whether it replaces the document instead of changing it. */
  readonly replaces: boolean;
  /** The updated document, as bytes. Throws if the update does not fit the document. */
  apply(document: Buffer): Buffer;
  /** The document an upsert stores: the filter's equalities, then the update, with an `_id`. */
  insert(filter: Document): Buffer;
}

/** Compiles the `u` of an update statement: operators or a replacement. */
export function compileUpdate(update: unknown): Update {
  if (!isDocument(update)) throw unsupported('update by a pipeline', 'FailedToParse');
  const replaces = update.keys().next().value?.startsWith('$') !== true;
  const change = replaces ? compileReplacement(update) : compileOperators(update);
  return {
    replaces,
    apply(bytes) {
      const before = decode(bytes);
      const id = before.get('_id');
      const after = change(before, false);
      if (replaces && !after.has('_id')) after.set('_id', id);
      return encode(idFirst(after, id));
    },
    insert(filter) {
      const seed: Document = new Map();
      seedFrom(filter, seed, replaces);
      const wanted = seed.get('_id');
      const after = change(seed, true);
      if (!after.has('_id')) after.set('_id', wanted ?? new ObjectId());
      return encode(idFirst(after, wanted ?? after.get('_id')));
    },
  };
}

/** The document with its `_id` in front. Throws if it has another `_id`. */
function idFirst(document: Document, id: unknown): Document {
  if (!document.has('_id') || compareValues(document.get('_id'), id) !== 0)
    throw new MongoError('ImmutableField', "the update would modify the immutable field '_id'");
  return document.keys().next().value === '_id'
    ? document
    : new Map([['_id', id], ...[...document].filter(([name]) => name !== '_id')]);
}

function compileReplacement(update: Document): Change {
  const dollar = [...update.keys()].find((name) => name.startsWith('$'));
  if (dollar === undefined) return () => new Map(update);
  throw new MongoError('DollarPrefixedFieldName', `'${dollar}' is not allowed in a replacement.`);
}

type Operator = (document: Document, path: string, operand: unknown, inserting: boolean) => unknown;

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries<Operator>({
    $set: set,
    $setOnInsert(document, path, operand, inserting) {
      if (inserting) set(document, path, operand);
    },
    $unset: (document, path) => holderOf(document, path, false)?.delete(lastOf(path)),
  }),
);

function set(document: Document, path: string, value: unknown): void {
  holderOf(document, path, true)?.set(lastOf(path), value);
}

function compileOperators(update: Document): Change {
  const steps = [...update].flatMap(([name, paths]) => {
    const operator = OPERATORS.get(name);
    if (!operator) throw unsupported(name, 'FailedToParse');
    if (!isDocument(paths))
      throw new MongoError('FailedToParse', `Modifiers operate on fields but ${name} has another type.`);
    return [...paths].map(([path, operand]) => ({ operator, path: checked(path), operand }));
  });
  // MongoDB adds new fields in the order of their names, and a field directly before those inside it.
  const placeOf = ({ path }: { path: string }): string => path.replaceAll('.', '\0');
  steps.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  for (const [i, { path }] of steps.entries()) {
    const next = steps[i + 1]?.path ?? '';
    if (next === path || next.startsWith(`${path}.`))
      throw new MongoError('ConflictingUpdateOperators', `'${next}' would create a conflict at '${path}'`);
  }
  return (document, inserting) => {
    for (const { operator, path, operand } of steps) operator(document, path, operand, inserting);
    return document;
  };
}

function checked(path: string): string {
  const names = path.split('.');
  if (names.includes('')) throw new MongoError('EmptyFieldName', `The path '${path}' has an empty name.`);
  if (names.some((name) => name.startsWith('$'))) throw unsupported(`update path '${path}'`);
  return path;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** The document that holds the last field of a path; if it is missing, `make` creates it. */
function holderOf(document: Document, path: string, make: boolean): Document | undefined {
  let holder = document;
  for (const name of path.split('.').slice(0, -1)) {
    const inner = holder.get(name);
    if (Array.isArray(inner)) throw unsupported(`update inside an array (by '${path}')`);
    if (isDocument(inner)) {
      holder = inner;
    } else if (!make) {
      return undefined;
    } else if (holder.has(name)) {
      throw new MongoError('PathNotViable', `Cannot create the field '${path}': '${name}' is no document`);
    } else {
      const made: Document = new Map();
      holder.set(name, made);
      holder = made;
    }
  }
  return holder;
}

/** Copies the equalities of a filter into the document that an upsert inserts; for a replacement only the `_id`. */
function seedFrom(filter: Document, seed: Document, idOnly: boolean): void {
  for (const [name, condition] of filter) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const part of condition.filter(isDocument)) seedFrom(part, seed, idOnly);
    } else if (!name.startsWith('$') && (!idOnly || name === '_id')) {
      const operators = isOperatorDocument(condition);
      if (operators && !condition.has('$eq')) continue;
      if (holderOf(seed, name, false)?.has(lastOf(name)))
        throw new MongoError('NotSingleValueField', `cannot infer what to set: '${name}' is there twice`);
      set(seed, name, operators ? condition.get('$eq') : condition);
    }
  }
}
