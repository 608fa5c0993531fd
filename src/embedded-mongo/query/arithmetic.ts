import { Decimal128, Double, Int32, Long } from 'bson';
import { isLong, isNumber, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';

type Operation = '$inc' | '$mul';

const MAX_LONG = 2n ** 63n - 1n;
const MAX_INT = 2n ** 31n - 1n;

/** Adds or multiplies as MongoDB does: the result has the wider of the two types, and an int grows into a long. */
export function calculate(operation: Operation, a: unknown, b: unknown): unknown {
  if (a instanceof Decimal128 || b instanceof Decimal128) {
    throw new MongoError(
      'NotImplemented',
      `The embedded store does not calculate with Decimal128 (${operation}).`,
    );
  }
  if (a instanceof Double || b instanceof Double) {
    const [x, y] = [toNumber(a) ?? NaN, toNumber(b) ?? NaN];
    return new Double(operation === '$inc' ? x + y : x * y);
  }
  const [x, y] = [BigInt(String(a)), BigInt(String(b))];
  const result = operation === '$inc' ? x + y : x * y;
  if (!fits(result, MAX_LONG))
    throw new MongoError(
      'BadValue',
      `Failed to apply ${operation} operations to current value: the result is too large for a long`,
    );
  return isLong(a) || isLong(b) || !fits(result, MAX_INT)
    ? Long.fromBigInt(result)
    : new Int32(Number(result));
}

/** What a missing field becomes when it is multiplied: zero, of the operand's type. */
export function zeroLike(value: unknown): unknown {
  if (value instanceof Double) return new Double(0);
  if (value instanceof Decimal128) return Decimal128.fromString('0');
  return isLong(value) ? Long.ZERO : new Int32(0);
}

/** `$bit`: and, or, xor of whole numbers. */
export function combineBits(operation: string, a: unknown, b: unknown): unknown {
  if (!isWhole(a) || !isWhole(b))
    throw new MongoError('BadValue', 'The $bit modifier works on ints and longs only');
  const [x, y] = [BigInt(a.toString()), BigInt(b.toString())];
  const result =
    operation === 'and' ? x & y : operation === 'or' ? x | y : operation === 'xor' ? x ^ y : undefined;
  if (result === undefined)
    throw new MongoError('BadValue', `The $bit modifier knows 'and', 'or' and 'xor', not '${operation}'`);
  return isLong(a) || isLong(b) ? Long.fromBigInt(result) : new Int32(Number(result));
}

function isWhole(value: unknown): value is Int32 | Long {
  return isNumber(value) && (value instanceof Int32 || isLong(value));
}

function fits(value: bigint, max: bigint): boolean {
  return value <= max && value >= -max - 1n;
}
