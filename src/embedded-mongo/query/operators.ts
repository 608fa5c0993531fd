import { BSONRegExp } from 'bson';
import { type Document, isDocument, isNumber, isTruthy, toNumber } from '../bson/documents.js';
import { KeyClass } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { MISSING } from './paths.js';
import { hasType } from './types.js';
import { classOf, Comparand } from './values.js';

/** Tests the values a path leads to. */
export type Test = (values: readonly unknown[]) => boolean;

type CompileFilter = (filter: Document) => (document: Document) => boolean;

/** Whether a condition is `{ $operator: … }` rather than a value to equal. */
export function isOperatorDocument(condition: unknown): condition is Document {
  if (!isDocument(condition)) return false;
  const first = condition.keys().next().value;
  return first?.startsWith('$') === true && first !== '$ref' && first !== '$id' && first !== '$db';
}

/** Compiles one operator of a condition; `siblings` is the whole condition, for `$regex` with its `$options`. */
export function compileOperator(
  name: string,
  operand: unknown,
  siblings: Document,
  filter: CompileFilter,
): Test {
  switch (name) {
    case '$eq':
      return anyOf(equals(operand));
    case '$ne':
      return not(anyOf(equals(operand)));
    case '$gt':
      return ordered(operand, (order) => order > 0);
    case '$gte':
      return ordered(operand, (order) => order >= 0);
    case '$lt':
      return ordered(operand, (order) => order < 0);
    case '$lte':
      return ordered(operand, (order) => order <= 0);
    case '$in':
      return oneOf(name, operand);
    case '$nin':
      return not(oneOf(name, operand));
    case '$exists': {
      const wanted = isTruthy(operand);
      return (values) => values.some((value) => value !== MISSING) === wanted;
    }
    case '$type': {
      const matches = hasType(operand);
      return anyOf((value) => value !== MISSING && matches(value));
    }
    case '$regex':
      return anyOf(regex(operand, siblings.get('$options')));
    case '$mod':
      return anyOf(modulo(operand));
    case '$size': {
      const size = toNumber(operand);
      if (size === undefined || !Number.isInteger(size) || size < 0) {
        throw new MongoError('BadValue', '$size must be a non-negative whole number');
      }
      return (values) => values.some((value) => Array.isArray(value) && value.length === size);
    }
    case '$all':
      return all(operand, siblings, filter);
    case '$elemMatch':
      return elemMatch(operand, filter);
    case '$not':
      return negation(operand, filter);
    default:
      throw new MongoError('BadValue', `unknown operator: ${name}`);
  }
}

/** True for one of the values, or for one element of an array among them. */
function anyOf(test: (value: unknown) => boolean): Test {
  return (values) => values.some((value) => test(value) || (Array.isArray(value) && value.some(test)));
}

function not(test: Test): Test {
  return (values) => !test(values);
}

function equals(operand: unknown): (value: unknown) => boolean {
  if (operand === null || operand === undefined) {
    return (value) => value === null || value === undefined || value === MISSING;
  }
  const comparand = new Comparand(operand);
  const same = (value: unknown): boolean => value !== MISSING && comparand.equals(value);
  return operand instanceof BSONRegExp ? regex(operand, undefined) : same;
}

function ordered(operand: unknown, accepts: (order: number) => boolean): Test {
  if (operand instanceof BSONRegExp) throw new MongoError('BadValue', "Can't have RegEx as arg to predicate");
  const comparand = new Comparand(operand);
  const { valueClass } = comparand;
  if (valueClass === KeyClass.null) return accepts(0) ? anyOf(equals(null)) : () => false;
  const acrossTypes = valueClass === KeyClass.minKey || valueClass === KeyClass.maxKey;
  return anyOf((value) => {
    if (acrossTypes) return accepts(comparand.compare(value));
    if (value === MISSING) return false;
    if (classOf(value) !== valueClass) return false;
    // NaN is neither above nor below a number, though it sorts first.
    if (comparand.isNaN || isNaNValue(value)) return accepts(0) && comparand.equals(value);
    return accepts(comparand.compare(value));
  });
}

function isNaNValue(value: unknown): boolean {
  return isNumber(value) && Number.isNaN(toNumber(value));
}

function oneOf(name: string, operand: unknown): Test {
  if (!Array.isArray(operand)) throw new MongoError('BadValue', `${name} needs an array`);
  const tests = operand.map((item: unknown) => {
    if (isOperatorDocument(item)) throw new MongoError('BadValue', `cannot nest $ under ${name}`);
    return equals(item);
  });
  return anyOf((value) => tests.some((test) => test(value)));
}

function regex(operand: unknown, options: unknown): (value: unknown) => boolean {
  const pattern = operand instanceof BSONRegExp ? operand.pattern : operand;
  const own = operand instanceof BSONRegExp ? operand.options : '';
  const flags = typeof options === 'string' ? options : own;
  if (typeof pattern !== 'string') throw new MongoError('BadValue', '$regex has to be a string');
  if (/[^imsu]/.test(flags)) {
    throw new MongoError('BadValue', `The embedded store does not support the $regex options '${flags}'.`);
  }
  let compiled: RegExp;
  try {
    compiled = new RegExp(pattern, flags.replaceAll('u', ''));
  } catch {
    throw new MongoError('Location51091', `Regular expression is invalid: ${pattern}`);
  }
  const sorted = [...flags].sort().join('');
  return (value) =>
    typeof value === 'string'
      ? compiled.test(value)
      : value instanceof BSONRegExp && value.pattern === pattern && value.options === sorted;
}

function modulo(operand: unknown): (value: unknown) => boolean {
  const [divisor, remainder] = Array.isArray(operand) ? operand.map(toNumber) : [];
  if (divisor === undefined || remainder === undefined || !Array.isArray(operand) || operand.length !== 2) {
    throw new MongoError('BadValue', 'malformed mod, needs to be an array of two numbers');
  }
  const whole = Math.trunc(divisor);
  if (whole === 0) throw new MongoError('BadValue', 'divisor cannot be 0');
  return (value) => {
    const number = toNumber(value);
    return number !== undefined && Math.trunc(number) % whole === Math.trunc(remainder);
  };
}

function all(operand: unknown, siblings: Document, filter: CompileFilter): Test {
  if (!Array.isArray(operand)) throw new MongoError('BadValue', '$all needs an array');
  const tests = operand.map((item: unknown) =>
    isOperatorDocument(item) && item.has('$elemMatch')
      ? compileOperator('$elemMatch', item.get('$elemMatch'), siblings, filter)
      : anyOf(equals(item)),
  );
  return (values) => tests.length > 0 && tests.every((test) => test(values));
}

function elemMatch(operand: unknown, filter: CompileFilter): Test {
  if (!isDocument(operand)) throw new MongoError('BadValue', '$elemMatch needs an Object');
  let matches: (element: unknown) => boolean;
  if (isOperatorDocument(operand) && !['$and', '$or', '$nor'].some((name) => operand.has(name))) {
    const tests = [...operand].map(([name, value]) => compileOperator(name, value, operand, filter));
    matches = (element) => tests.every((test) => test([element]));
  } else {
    const compiled = filter(operand);
    matches = (element) => isDocument(element) && compiled(element);
  }
  return (values) => values.some((value) => Array.isArray(value) && value.some(matches));
}

function negation(operand: unknown, filter: CompileFilter): Test {
  if (operand instanceof BSONRegExp) return not(anyOf(regex(operand, undefined)));
  if (!isOperatorDocument(operand)) throw new MongoError('BadValue', '$not needs a regex or a document');
  const tests = [...operand]
    .filter(([name]) => name !== '$options')
    .map(([name, value]) => compileOperator(name, value, operand, filter));
  return (values) => !tests.every((test) => test(values));
}
