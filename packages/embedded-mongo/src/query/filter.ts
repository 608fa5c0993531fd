import { Double } from 'bson';
import { decodeValue, type Document, isDocument, isTruthy, toRaw } from '../bson/documents.js';
import { classOfKey, keyOf } from '../bson/keys.js';
import { MongoError, unsupported } from '../errors.js';
import { find } from '../storage/indexes.js';

/** A parsed filter: all its conditions must hold, and one branch of each `$or`. */
export interface Filter {
  readonly conditions: readonly Condition[];
  readonly alternatives: readonly (readonly Filter[])[];
}

/** What one operator demands of the value at a path. */
export interface Condition {
  readonly path: string;
  readonly operator: string;
  readonly operand: unknown;
  readonly test: Test;
}

/** Whether a value meets a condition; the value is MISSING if the document has none. */
type Test = (value: unknown) => boolean;

/** Whether a document matches. Decodes only the fields that are tested. */
export type Matcher = (document: Buffer) => boolean;

/** The value of a path that does not exist in the document. */
const MISSING = Symbol('missing');

/** Parses a filter. Throws on unsupported operators. */
export function parseFilter(filter: Document): Filter {
  const conditions: Condition[] = [];
  const alternatives: Filter[][] = [];
  for (const [path, value] of filter) {
    if (path === '$or') alternatives.push(parseBranches(value));
    else if (path.startsWith('$')) throw unsupported(path, 'BadValue');
    else {
      const operators: Iterable<[string, unknown]> = isOperatorDocument(value) ? value : [['$eq', value]];
      for (const [operator, operand] of operators)
        conditions.push({ path, operator, operand, test: testOf(operator, operand) });
    }
  }
  return { conditions, alternatives };
}

function parseBranches(value: unknown): Filter[] {
  if (Array.isArray(value) && value.length > 0 && value.every(isDocument)) return value.map(parseFilter);
  throw new MongoError('BadValue', '$or must be a nonempty array of documents');
}

/** Whether a condition is `{ $operator: … }` and not a value to compare with. */
function isOperatorDocument(condition: unknown): condition is Document {
  return isDocument(condition) && condition.keys().next().value?.startsWith('$') === true;
}

/** The test for a whole filter; undefined if everything matches. */
export function matcherOf({ conditions, alternatives }: Filter): Matcher | undefined {
  const matchers = [
    ...conditions.map(({ path, test }): Matcher => {
      const [field = '', ...names] = path.split('.');
      const key = Buffer.from(field);
      return (document) => test(valueAt(document, key, names, path));
    }),
    ...alternatives.map((branches): Matcher => {
      const tests = branches.map(matcherOf);
      return (document) => tests.some((matches) => !matches || matches(document));
    }),
  ];
  if (matchers.length === 0) return undefined;
  return (document) => matchers.every((matches) => matches(document));
}

function valueAt(document: Buffer, field: Buffer, names: readonly string[], path: string): unknown {
  const place = find(document, 0, field);
  let value = place ? decodeValue(place) : MISSING;
  for (const name of names) {
    if (Array.isArray(value)) throw unsupported(`paths through arrays ('${path}')`);
    value = isDocument(value) && value.has(name) ? value.get(name) : MISSING;
  }
  return value;
}

const ORDERS = new Map(
  Object.entries<(order: number) => boolean>({
    $gt: (order) => order > 0,
    $gte: (order) => order >= 0,
    $lt: (order) => order < 0,
    $lte: (order) => order <= 0,
  }),
);

function testOf(operator: string, operand: unknown): Test {
  const accepts = ORDERS.get(operator);
  if (accepts) return anyOf(ordered(operand, accepts));
  switch (operator) {
    case '$eq':
      return anyOf(equals(operand));
    case '$in':
      return anyOf(oneOf(operator, operand));
    case '$exists':
      return (value) => (value !== MISSING) === isTruthy(operand);
    default:
      throw unsupported(operator, 'BadValue');
  }
}

/** True if the value passes or, for an array, any of its elements. */
function anyOf(test: Test): Test {
  return (value) => test(value) || (Array.isArray(value) && value.some(test));
}

function equals(operand: unknown): Test {
  if (operand === null) return (value) => value === null || value === MISSING;
  if (typeof operand === 'string') return (value) => value === operand;
  const compare = comparison(operand);
  return (value) => compare(value) === 0;
}

function ordered(operand: unknown, accepts: (order: number) => boolean): Test {
  if (operand === null) return accepts(0) ? equals(null) : () => false;
  const compare = comparison(operand);
  // NaN is neither above nor below any number, though it sorts first.
  if (isNaNValue(operand)) return (value) => accepts(0) && compare(value) === 0;
  return (value) => {
    const order = isNaNValue(value) ? undefined : compare(value);
    return order !== undefined && accepts(order);
  };
}

function oneOf(name: string, operand: unknown): Test {
  if (!Array.isArray(operand)) throw new MongoError('BadValue', `${name} needs an array`);
  if (operand.some(isOperatorDocument)) throw new MongoError('BadValue', `cannot nest $ under ${name}`);
  const tests = operand.map(equals);
  return (value) => tests.some((test) => test(value));
}

/** Compares a value with `operand` in BSON's order; undefined if it is missing or of another type class. */
function comparison(operand: unknown): (value: unknown) => number | undefined {
  const key = keyOf(toRaw(operand));
  return (value) => {
    if (value === MISSING) return undefined;
    const valueKey = keyOf(toRaw(value));
    return classOfKey(valueKey) === classOfKey(key) ? Buffer.compare(valueKey, key) : undefined;
  };
}

export function isNaNValue(value: unknown): boolean {
  return value instanceof Double && Number.isNaN(value.valueOf());
}
