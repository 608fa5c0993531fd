import { ObjectId } from 'bson';
import { decode, type Document, encode, isDocument } from '../bson/documents.js';
import { compareValues } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { compilePipelineUpdate } from './aggregation.js';
import { isOperatorDocument } from './operators.js';
import { MISSING } from './paths.js';
import { CHANGES_ONLY, UPDATE_OPERATORS } from './update-operators.js';
import { type ArrayFilters, compileArrayFilters, resolvePositional, targetsOf } from './update-paths.js';

/** Changes a decoded document in place or gives another in its stead. */
type Change = (document: Document, filter: Document, inserting: boolean) => Document;

export interface Update {
  /** Whether it replaces the document rather than changes it. */
  readonly replaces: boolean;
  /** The document after the update, as bytes. Throws when the update does not fit the document. */
  apply(document: Buffer, filter: Document): Buffer;
  /** The document an upsert stores: the filter's equalities, then the update, with an `_id`. */
  insert(filter: Document): Buffer;
}

/** Compiles the `u` of an update: operators, a replacement or a pipeline. */
export function compileUpdate(update: unknown, arrayFilters: readonly Document[]): Update {
  const { change, replaces } = compile(update, arrayFilters);
  return {
    replaces,
    apply(bytes, filter) {
      const before = decode(bytes);
      const id = before.get('_id');
      const after = change(before, filter, false);
      if (replaces && !after.has('_id')) after.set('_id', id);
      if (!after.has('_id') || compareValues(after.get('_id'), id) !== 0) throw immutableId();
      return encode(idFirst(after, id));
    },
    insert(filter) {
      const seed: Document = new Map();
      seedFrom(filter, seed, replaces);
      const wanted = seed.get('_id');
      const after = change(seed, filter, true);
      const id = after.has('_id') ? after.get('_id') : (wanted ?? new ObjectId());
      if (wanted !== undefined && compareValues(wanted, id) !== 0) throw immutableId();
      return encode(idFirst(after, id));
    },
  };
}

function immutableId(): MongoError {
  return new MongoError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

function idFirst(document: Document, id: unknown): Document {
  return document.keys().next().value === '_id'
    ? document
    : new Map([['_id', id], ...[...document].filter(([name]) => name !== '_id')]);
}

function compile(update: unknown, arrayFilters: readonly Document[]): { change: Change; replaces: boolean } {
  if (Array.isArray(update)) return { change: compilePipelineUpdate(update), replaces: false };
  if (!isDocument(update))
    throw new MongoError('FailedToParse', 'Update argument must be either an object or an array');
  const first = update.keys().next().value;
  if (first?.startsWith('$') !== true) {
    const dollar = [...update.keys()].find((name) => name.startsWith('$'));
    if (dollar !== undefined) {
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${dollar}' is not allowed in a replacement.`,
      );
    }
    return { change: () => new Map(update), replaces: true };
  }
  return { change: compileOperators(update, compileArrayFilters(arrayFilters)), replaces: false };
}

interface Step {
  readonly operator: string;
  readonly path: string;
  readonly operand: unknown;
}

function compileOperators(update: Document, filters: ArrayFilters): Change {
  const steps = [...update].flatMap(([operator, paths]) => stepsOf(operator, paths));
  checkConflicts(steps);
  for (const identifier of filters.keys()) {
    if (!steps.some(({ path }) => `${path}.`.includes(`.$[${identifier}].`))) {
      throw new MongoError(
        'FailedToParse',
        `The array filter for identifier '${identifier}' was not used in the update`,
      );
    }
  }
  // MongoDB adds new fields in the order of their names.
  steps.sort((a, b) => comparePaths(a.path, b.path));
  return (document, filter, inserting) => {
    for (const { operator, path, operand } of steps) {
      if (operator === '$setOnInsert' && !inserting) continue;
      const resolved = path.includes('.$') ? resolvePositional(path, filter, document) : path;
      if (operator === '$rename') rename(document, resolved, operand);
      else applyOperator(operator, document, resolved, operand, filters);
    }
    return document;
  };
}

function applyOperator(
  name: string,
  document: Document,
  path: string,
  operand: unknown,
  filters: ArrayFilters,
): void {
  const operator = UPDATE_OPERATORS[name === '$setOnInsert' ? '$set' : name];
  const changesOnly = CHANGES_ONLY.has(name);
  for (const target of targetsOf(document, path, filters, changesOnly)) {
    const current = target.get();
    if (changesOnly && current === MISSING) continue;
    const value = operator?.(current, operand, path);
    if (value === MISSING) target.unset();
    else target.set(value);
  }
}

function rename(document: Document, from: string, to: unknown): void {
  const [source] = targetsOf(document, from, new Map(), true);
  const value = source?.get() ?? MISSING;
  if (!source || value === MISSING || typeof to !== 'string') return;
  source.unset();
  const [target] = targetsOf(document, to, new Map(), false);
  target?.unset();
  target?.set(value);
}

function stepsOf(operator: string, paths: unknown): Step[] {
  if (!Object.hasOwn(UPDATE_OPERATORS, operator) && operator !== '$rename' && operator !== '$setOnInsert') {
    throw new MongoError(
      'FailedToParse',
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDocument(paths)) {
    throw new MongoError(
      'FailedToParse',
      `Modifiers operate on fields but we found another type for ${operator}.`,
    );
  }
  return [...paths].map(([path, operand]) => {
    if (operator === '$rename' && typeof operand !== 'string') {
      throw new MongoError('BadValue', `The 'to' field for $rename must be a string: ${path}`);
    }
    if (operator === '$rename' && operand === path) {
      throw new MongoError('BadValue', `The source and target field for $rename must differ: ${path}`);
    }
    return { operator, path, operand };
  });
}

function checkConflicts(steps: readonly Step[]): void {
  const paths = steps.flatMap(({ operator, path, operand }) =>
    operator === '$rename' ? [path, String(operand)] : [path],
  );
  for (const [i, path] of paths.entries()) {
    const other = paths
      .slice(0, i)
      .find((known) => known === path || `${path}.`.startsWith(`${known}.`) || known.startsWith(`${path}.`));
    if (other !== undefined) {
      throw new MongoError(
        'ConflictingUpdateOperators',
        `Updating the path '${path}' would create a conflict at '${other.length < path.length ? other : path}'`,
      );
    }
  }
}

function comparePaths(a: string, b: string): number {
  const [x, y] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p = '', q = ''] = [x[i], y[i]];
    if (p === q) continue;
    const numeric = /^\d+$/.test(p) && /^\d+$/.test(q);
    return numeric ? Number(p) - Number(q) : p < q ? -1 : 1;
  }
  return x.length - y.length;
}

/** The equalities of a filter become fields of the document an upsert makes; for a replacement only the `_id`. */
function seedFrom(filter: Document, seed: Document, idOnly: boolean): void {
  for (const [name, condition] of filter) {
    if ((name === '$and' || name === '$or') && Array.isArray(condition)) {
      const parts = condition.filter(isDocument);
      // Of alternatives only a lone one is certain.
      if (name === '$and' || parts.length === 1) for (const part of parts) seedFrom(part, seed, idOnly);
    } else if (!name.startsWith('$') && (!idOnly || name === '_id')) {
      seedField(name, condition, seed);
    }
  }
}

function seedField(path: string, condition: unknown, seed: Document): void {
  const operators = isOperatorDocument(condition);
  if (operators && !condition.has('$eq')) return;
  for (const target of targetsOf(seed, path, new Map(), false)) {
    if (target.get() !== MISSING) {
      throw new MongoError(
        'NotSingleValueField',
        `cannot infer query fields to set, path '${path}' is matched twice`,
      );
    }
    target.set(operators ? condition.get('$eq') : condition);
  }
}
