import { Timestamp } from 'bson';
import { isDocument, isNumber } from '../bson/documents.js';
import { compareValues } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { calculate, combineBits, zeroLike } from './arithmetic.js';
import { addToSet, pop, pull, pullAll, push } from './array-updates.js';
import { MISSING } from './paths.js';
import { typeName } from './types.js';

/** What a field becomes; both are MISSING where there is nothing. */
type UpdateOperator = (current: unknown, operand: unknown, path: string) => unknown;

/** MongoDB's field and array update operators; `$rename` and `$setOnInsert` are the caller's. */
export const UPDATE_OPERATORS: Readonly<Record<string, UpdateOperator>> = {
  $set: (_, operand) => operand,
  $unset: () => MISSING,
  $inc: (current, operand, path) => arithmetic('$inc', current, operand, path),
  $mul: (current, operand, path) => arithmetic('$mul', current, operand, path),
  $min: (current, operand) => (isBefore(operand, current) ? operand : current),
  $max: (current, operand) => (current === MISSING || isBefore(current, operand) ? operand : current),
  $currentDate: (_, operand, path) => now(operand, path),
  $bit: bits,
  $push: push,
  $addToSet: addToSet,
  $pull: pull,
  $pullAll: pullAll,
  $pop: pop,
};

/** Those that change only what is there. */
export const CHANGES_ONLY: ReadonlySet<string> = new Set(['$unset', '$pull', '$pullAll', '$pop']);

function isBefore(value: unknown, other: unknown): boolean {
  return other === MISSING || compareValues(value, other) < 0;
}

function arithmetic(operation: '$inc' | '$mul', current: unknown, operand: unknown, path: string): unknown {
  const verb = operation === '$inc' ? 'increment' : 'multiply';
  if (!isNumber(operand))
    throw new MongoError(
      'TypeMismatch',
      `Cannot ${verb} with non-numeric argument: {${path}: ${typeName(operand)}}`,
    );
  if (current === MISSING) return operation === '$inc' ? operand : zeroLike(operand);
  if (!isNumber(current)) {
    throw new MongoError(
      'TypeMismatch',
      `Cannot apply ${operation} to a value of non-numeric type. The document has the field '${path}' of non-numeric type ${typeName(current)}`,
    );
  }
  return calculate(operation, current, operand);
}

function now(operand: unknown, path: string): unknown {
  const type = isDocument(operand) ? operand.get('$type') : operand;
  if (type === true || type === 'date') return new Date();
  if (type === 'timestamp') return new Timestamp({ t: Math.floor(Date.now() / 1000), i: 1 });
  throw new MongoError(
    'BadValue',
    `'${path}' of $currentDate must be true or name the $type 'date' or 'timestamp'`,
  );
}

function bits(current: unknown, operand: unknown, path: string): unknown {
  if (!isDocument(operand) || operand.size === 0)
    throw new MongoError('BadValue', `$bit needs an operation for '${path}'`);
  let value = current;
  for (const [name, mask] of operand)
    value = combineBits(name, value === MISSING ? zeroLike(mask) : value, mask);
  return value;
}
