import { type Document, decode, encode, isDocument, toNumber } from '../bson/documents.js';
import { compareValues } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { compileFilter } from './matcher.js';
import { isOperatorDocument } from './operators.js';
import { MISSING } from './paths.js';
import { parseSort, sortDocuments } from './sort.js';
import { typeName } from './types.js';

/** `$push`: a value, or `$each` with `$position`, `$sort` and `$slice`. */
export function push(current: unknown, operand: unknown, path: string): unknown[] {
  const array = [...arrayOf(current, path, '$push')];
  if (!isDocument(operand) || !operand.has('$each')) return [...array, operand];
  const each = eachOf(operand, '$push');
  const unknown = [...operand.keys()].find(
    (name) => !['$each', '$position', '$sort', '$slice'].includes(name),
  );
  if (unknown !== undefined) throw new MongoError('BadValue', `Unrecognized clause in $push: ${unknown}`);
  const position = whole(operand, '$position') ?? array.length;
  array.splice(position < 0 ? Math.max(0, array.length + position) : position, 0, ...each);
  const sorted = operand.has('$sort') ? sortArray(array, operand.get('$sort')) : array;
  const slice = whole(operand, '$slice');
  if (slice === undefined) return sorted;
  return slice < 0 ? sorted.slice(slice) : sorted.slice(0, slice);
}

/** `$addToSet`: a value, or those of `$each`, unless the array has an equal one. */
export function addToSet(current: unknown, operand: unknown, path: string): unknown[] {
  const array = [...arrayOf(current, path, '$addToSet')];
  const added = isDocument(operand) && operand.has('$each') ? eachOf(operand, '$addToSet') : [operand];
  for (const value of added) if (!array.some((known) => compareValues(known, value) === 0)) array.push(value);
  return array;
}

/** `$pull`: removes what equals the operand, or matches it as a condition. */
export function pull(current: unknown, operand: unknown, path: string): unknown[] {
  const array = arrayOf(current, path, '$pull');
  if (isDocument(operand) && !isOperatorDocument(operand)) {
    const matches = compileFilter(operand);
    return array.filter((element) => !(isDocument(element) && matches(element)));
  }
  const matches = compileFilter(new Map([['e', operand]]));
  return array.filter((element) => !matches(new Map([['e', element]])));
}

/** `$pullAll`: removes all that equal one of the operand's elements. */
export function pullAll(current: unknown, operand: unknown, path: string): unknown[] {
  if (!Array.isArray(operand)) throw new MongoError('BadValue', '$pullAll requires an array argument');
  const array = arrayOf(current, path, '$pullAll');
  return array.filter((element) => !operand.some((value) => compareValues(value, element) === 0));
}

/** `$pop`: removes the last element (1) or the first (-1). */
export function pop(current: unknown, operand: unknown, path: string): unknown[] {
  const end = toNumber(operand);
  if (end !== 1 && end !== -1) throw new MongoError('FailedToParse', '$pop expects 1 or -1');
  const array = arrayOf(current, path, '$pop');
  return end === 1 ? array.slice(0, -1) : array.slice(1);
}

function arrayOf(current: unknown, path: string, operator: string): unknown[] {
  if (current === MISSING) return [];
  if (Array.isArray(current)) return current;
  throw new MongoError(
    operator === '$pop' ? 'TypeMismatch' : 'BadValue',
    operator === '$push'
      ? `The field '${path}' must be an array but is of type ${typeName(current)}`
      : `Cannot apply ${operator} to non-array field. Field named '${path}' has non-array type ${typeName(current)}`,
  );
}

function eachOf(operand: Document, operator: string): unknown[] {
  const each = operand.get('$each');
  if (!Array.isArray(each))
    throw new MongoError('TypeMismatch', `The argument to $each in ${operator} must be an array`);
  return each;
}

function whole(operand: Document, name: string): number | undefined {
  if (!operand.has(name)) return undefined;
  const number = toNumber(operand.get(name));
  if (number === undefined || !Number.isInteger(number)) {
    throw new MongoError('BadValue', `The value for ${name} must be an integer value`);
  }
  return number;
}

function sortArray(array: unknown[], by: unknown): unknown[] {
  if (!isDocument(by)) {
    const direction = toNumber(by) === -1 ? -1 : 1;
    return [...array].sort((a, b) => direction * compareValues(a, b));
  }
  // Sorted as documents that hold each element under one name.
  const fields = parseSort(new Map([...by].map(([path, direction]) => [`e.${path}`, direction])));
  return sortDocuments(
    array.map((e) => encode({ e })),
    fields,
  ).map((bytes) => decode(bytes).get('e'));
}
