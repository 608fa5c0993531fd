import { Timestamp } from 'bson';
import { isDocument, isNumber } from '../bson/documents.js';
import { compareValues } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { calculate, combineBits, zeroLike } from './arithmetic.js';
import { addToSet, pop, pull, pullAll, push } from './array-updates.js';
import { MISSING } from './paths.js';
import { typeName } from './types.js';
import type { Target } from './update-paths.js';

export interface UpdateOperator {
  /** It changes only what is there. */
  readonly existing?: boolean;
  apply(target: Target, operand: unknown, path: string): void;
}

/** MongoDB's field and array update operators; `$rename` and `$setOnInsert` are the caller's. */
export const UPDATE_OPERATORS: Readonly<Record<string, UpdateOperator>> = {
  $set: {
    apply: (target, operand) => {
      target.set(operand);
    },
  },
  $unset: {
    existing: true,
    apply: (target) => {
      target.unset();
    },
  },
  $inc: {
    apply: (target, operand, path) => {
      target.set(arithmetic('$inc', target.get(), operand, path));
    },
  },
  $mul: {
    apply: (target, operand, path) => {
      target.set(arithmetic('$mul', target.get(), operand, path));
    },
  },
  $min: {
    apply: (target, operand) => {
      setIf(target, operand, (order) => order < 0);
    },
  },
  $max: {
    apply: (target, operand) => {
      setIf(target, operand, (order) => order > 0);
    },
  },
  $currentDate: {
    apply: (target, operand, path) => {
      target.set(now(operand, path));
    },
  },
  $bit: {
    apply: (target, operand, path) => {
      target.set(bits(target.get(), operand, path));
    },
  },
  $push: {
    apply: (target, operand, path) => {
      target.set(push(target.get(), operand, path));
    },
  },
  $addToSet: {
    apply: (target, operand, path) => {
      target.set(addToSet(target.get(), operand, path));
    },
  },
  $pull: {
    existing: true,
    apply: (target, operand, path) => {
      change(target, (value) => pull(value, operand, path));
    },
  },
  $pullAll: {
    existing: true,
    apply: (target, operand, path) => {
      change(target, (value) => pullAll(value, operand, path));
    },
  },
  $pop: {
    existing: true,
    apply: (target, operand, path) => {
      change(target, (value) => pop(value, operand, path));
    },
  },
};

function change(target: Target, to: (value: unknown) => unknown): void {
  const value = target.get();
  if (value !== MISSING) target.set(to(value));
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

function setIf(target: Target, operand: unknown, wanted: (order: number) => boolean): void {
  const current = target.get();
  if (current === MISSING || wanted(compareValues(operand, current))) target.set(operand);
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
