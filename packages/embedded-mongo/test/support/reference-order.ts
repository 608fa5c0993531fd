import mongoose from 'mongoose';

const { Binary, Double, Int32, Long, ObjectId } = mongoose.mongo;

/**
 * BSON's comparison order, implemented a second time and as simply as possible, as a reference for the store's keys
 * (https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/).
 */
export function referenceCompare(a: unknown, b: unknown): number {
  const byRank = rank(a) - rank(b);
  if (byRank !== 0) return byRank;
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (a instanceof Binary && b instanceof Binary) {
    return (
      a.length() - b.length() ||
      a.sub_type - b.sub_type ||
      Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer))
    );
  }
  if (a instanceof ObjectId && b instanceof ObjectId)
    return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (isPlainObject(a) && isPlainObject(b)) return compareObjects(a, b);
  return 0;
}

function rank(value: unknown): number {
  if (value === null) return 5;
  if (isNumber(value)) return 10;
  if (typeof value === 'string') return 15;
  if (Array.isArray(value)) return 25;
  if (value instanceof Binary) return 30;
  if (value instanceof ObjectId) return 35;
  if (typeof value === 'boolean') return 40;
  if (value instanceof Date) return 45;
  return 20;
}

type Numeric = InstanceType<typeof Int32 | typeof Double | typeof Long>;

function isNumber(value: unknown): value is Numeric {
  return value instanceof Int32 || value instanceof Double || value instanceof Long;
}

function compareNumbers(a: Numeric, b: Numeric): number {
  const [x, y] = [infinite(a), infinite(b)];
  if (x !== 0 || y !== 0) return x - y;
  const [[n, d], [m, e]] = [fraction(a), fraction(b)];
  return sign(n * e - m * d);
}

/** NaN sorts first, then -Infinity, …, Infinity. */
function infinite(value: Numeric): number {
  const text = value.toString();
  return text === 'NaN' ? -2 : text === '-Infinity' ? -1 : text === 'Infinity' ? 1 : 0;
}

/** The exact value as a fraction. */
function fraction(value: Numeric): [bigint, bigint] {
  if (value instanceof Int32 || value instanceof Long) return [BigInt(value.toString()), 1n];
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value.valueOf());
  const raw = bits.getBigUint64(0);
  const exponent = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  const power = (exponent === 0 ? 1 : exponent) - 1075;
  const signed = raw >> 63n ? -mantissa : mantissa;
  return power >= 0 ? [signed << BigInt(power), 1n] : [signed, 1n << BigInt(-power)];
}

function compareLists(a: unknown[], b: unknown[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = referenceCompare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: Record<string, unknown>, b: Record<string, unknown>): number {
  const [x, y] = [Object.entries(a), Object.entries(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [[k, v], [l, w]] = [x[i] ?? ['', null], y[i] ?? ['', null]];
    const order = rank(v) - rank(w) || compareText(k, l) || referenceCompare(v, w);
    if (order !== 0) return order;
  }
  return x.length - y.length;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return rank(value) === 20;
}

function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}
