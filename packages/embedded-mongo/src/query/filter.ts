import { Decimal128, Double, Int32 } from 'bson';
import { decodeValue, type Document, isDocument, isTruthy, toNumber, toRaw } from '../bson/documents.js';
import { Elements } from '../bson/elements.js';
import { classOfKey, keyOf } from '../bson/keys.js';
import { MongoError, unsupported } from '../errors.js';

/** Whether a document matches. Decodes only the fields that the filter uses. */
export type Matcher = (document: Buffer) => boolean;

/** Whether a value meets a condition; the value is MISSING if the document has none. */
type Test = (value: unknown) => boolean;

/** The value of a path that does not exist in the document. */
const MISSING = Symbol('missing');

/** Compiles a filter. Throws on unknown operators. */
export function compileFilter(filter: Document): Matcher {
  const matchers = [...filter].map(([name, value]) =>
    name.startsWith('$') ? compileLogical(name, value) : compilePath(name, value),
  );
  return (document) => matchers.every((matches) => matches(document));
}

function compileLogical(name: string, value: unknown): Matcher {
  if (name !== '$and' && name !== '$or' && name !== '$nor') throw unsupported(name, 'BadValue');
  if (!Array.isArray(value) || value.length === 0 || !value.every(isDocument))
    throw new MongoError('BadValue', `${name} must be a nonempty array of documents`);
  const parts = value.map(compileFilter);
  if (name === '$and') return (document) => parts.every((matches) => matches(document));
  return (document) => parts.some((matches) => matches(document)) === (name === '$or');
}

function compilePath(path: string, condition: unknown): Matcher {
  const test = compileCondition(condition);
  const [field = '', ...names] = path.split('.');
  const key = Buffer.from(field);
  const into = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) throw unsupported(`paths through arrays ('${path}')`);
    return isDocument(value) && value.has(name) ? value.get(name) : MISSING;
  };
  return (document) => test(names.reduce(into, fieldOf(document, key)));
}

function compileCondition(condition: unknown): Test {
  if (!isOperatorDocument(condition)) return anyOf(equals(condition));
  const tests = [...condition].map(([name, operand]) => compileOperator(name, operand));
  return (value) => tests.every((test) => test(value));
}

/** Whether a condition is `{ $operator: … }` and not a value to compare with. */
export function isOperatorDocument(condition: unknown): condition is Document {
  return isDocument(condition) && condition.keys().next().value?.startsWith('$') === true;
}

const ORDERS = new Map(
  Object.entries<(order: number) => boolean>({
    $gt: (order) => order > 0,
    $gte: (order) => order >= 0,
    $lt: (order) => order < 0,
    $lte: (order) => order <= 0,
  }),
);

function compileOperator(name: string, operand: unknown): Test {
  const accepts = ORDERS.get(name);
  if (accepts) return anyOf(ordered(operand, accepts));
  switch (name) {
    case '$eq':
      return anyOf(equals(operand));
    case '$ne':
      return not(anyOf(equals(operand)));
    case '$in':
      return anyOf(oneOf(name, operand));
    case '$nin':
      return not(anyOf(oneOf(name, operand)));
    case '$exists':
      return (value) => (value !== MISSING) === isTruthy(operand);
    case '$not':
      if (isOperatorDocument(operand)) return not(compileCondition(operand));
      throw new MongoError('BadValue', '$not needs a document of operators');
    default:
      throw unsupported(name, 'BadValue');
  }
}

/** True if the value passes or, for an array, any of its elements. */
function anyOf(test: Test): Test {
  return (value) => test(value) || (Array.isArray(value) && value.some(test));
}

function not(test: Test): Test {
  return (value) => !test(value);
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
  const double = asDouble(operand);
  const key = keyOf(toRaw(operand));
  return (value) => {
    const other = asDouble(value);
    if (double !== undefined && other !== undefined) return other - double;
    if (value === MISSING) return undefined;
    const valueKey = keyOf(toRaw(value));
    return classOfKey(valueKey) === classOfKey(key) ? Buffer.compare(valueKey, key) : undefined;
  };
}

export function isNaNValue(value: unknown): boolean {
  return (value instanceof Double || value instanceof Decimal128) && Number.isNaN(toNumber(value));
}

/** A shortcut for ordinary numbers; the others are compared exactly, by their keys. */
function asDouble(value: unknown): number | undefined {
  const double = value instanceof Int32 || value instanceof Double ? value.valueOf() : undefined;
  return Number.isFinite(double) ? double : undefined;
}

function fieldOf(document: Buffer, name: Buffer): unknown {
  const elements = new Elements(document);
  while (elements.next()) if (elements.isNamed(name)) return decodeValue(elements);
  return MISSING;
}
