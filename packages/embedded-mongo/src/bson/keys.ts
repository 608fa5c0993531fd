import { unsupported } from '../errors.js';
import { toRaw } from './documents.js';
import { BsonType, Elements, type RawValue } from './elements.js';

/*
 * Values as bytes whose memcmp order is BSON's comparison order, across all types. A value starts with the byte of
 * its class; no encoding is a prefix of another, so encodings can be joined. 0x01 … 0xff after a prefix spans all that
 * begins so.
 */
export const KeyClass = {
  null: 20,
  number: 30, // 30 NaN, 31 -Infinity, 32 negative, 33 zero, 34 positive, 35 Infinity
  string: 60,
  object: 70,
  array: 80,
  binary: 90,
  objectId: 100,
  boolean: 110,
  date: 120,
} as const;

const NUMBER_CLASSES = { NaN: 30, '-Infinity': 31, '0': 33, Infinity: 35 } as const;

/** The class of each BSON type; those of numbers, which have names of their own, share one. */
const CLASS_OF_TYPE = new Map<number, number>(
  Object.entries(BsonType).map(([name, type]) => [type, (KeyClass as Record<string, number>)[name] ?? 30]),
);

/** Builds keys in one growing buffer. */
export class KeyWriter {
  private bytes = Buffer.allocUnsafe(1024);
  length = 0;

  /** Starts over. */
  reset(): this {
    this.length = 0;
    return this;
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length));
  }

  byte(value: number): this {
    if (this.length === this.bytes.length) this.grow(1);
    this.bytes[this.length++] = value;
    return this;
  }

  append(source: Buffer, start = 0, end = source.length): this {
    if (this.length + end - start > this.bytes.length) this.grow(end - start);
    source.copy(this.bytes, this.length, start, end);
    this.length += end - start;
    return this;
  }

  /** Appends a value, or null for a missing one. */
  value(value: RawValue | undefined): this {
    if (!value) return this.byte(KeyClass.null);
    const { type, bytes, start, end } = value;
    const valueClass = CLASS_OF_TYPE.get(type) ?? KeyClass.number;
    if (valueClass === KeyClass.number) return this.number(value);
    this.byte(valueClass);
    switch (valueClass) {
      case KeyClass.string:
        return this.escaped(bytes, start + 4, end - 1);
      case KeyClass.object:
      case KeyClass.array:
        return this.elements(bytes, start, valueClass === KeyClass.object);
      case KeyClass.binary:
        // By length, then subtype, then content.
        this.reversed(bytes, start, start + 4);
        return this.append(bytes, start + 4, end);
      case KeyClass.objectId:
        return this.append(bytes, start, end);
      case KeyClass.boolean:
        return this.byte(bytes[start] === 1 ? 2 : 1);
      case KeyClass.date:
        this.reversed(bytes, start, end);
        this.bytes[this.length - 8] = (this.bytes[this.length - 8] ?? 0) ^ 0x80;
        return this;
      default:
        return this;
    }
  }

  /** Appends a finite number as its sign, exponent and decimal digits, so that equal ones of any type are equal. */
  private number(value: RawValue): this {
    const number = exactNumber(value);
    if (typeof number === 'string') return this.byte(NUMBER_CLASSES[number]);
    const { negative, digits, exponent } = number;
    this.byte(negative ? 32 : 34);
    const start = this.length;
    const biased = exponent + 0x8000;
    this.byte(biased >> 8).byte(biased & 0xff);
    for (let i = 0; i < digits.length; i += 2) this.byte(Number(digits.slice(i, i + 2).padEnd(2, '0')) + 1);
    this.byte(0);
    // The larger a negative number's digits, the smaller it is.
    if (negative) for (let i = start; i < this.length; i++) this.bytes[i] = ~(this.bytes[i] ?? 0);
    return this;
  }

  /** Zero ends a string, so a zero inside one becomes 0x00 0xff, which sorts after every end. */
  private escaped(bytes: Buffer, start: number, end: number): this {
    for (let at = start; at < end;) {
      let zero = bytes.indexOf(0, at);
      if (zero < 0 || zero >= end) zero = end;
      this.append(bytes, at, zero);
      if (zero < end) this.byte(0).byte(0xff);
      at = zero + 1;
    }
    return this.byte(0);
  }

  /** Documents compare element by element: class, then name, then value. */
  private elements(bytes: Buffer, start: number, named: boolean): this {
    const elements = new Elements(bytes, start);
    while (elements.next()) {
      const { type, nameStart, nameEnd } = elements;
      if (named) this.byte(CLASS_OF_TYPE.get(type) ?? KeyClass.number).escaped(bytes, nameStart, nameEnd);
      this.value(elements);
    }
    return this.byte(0);
  }

  private reversed(bytes: Buffer, start: number, end: number): this {
    for (let i = end - 1; i >= start; i--) this.byte(bytes[i] ?? 0);
    return this;
  }

  private grow(by: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + by));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

/** The class of a value, from its key: `$gt` and its kin compare only within one. */
export function classOfKey(key: Buffer): number {
  const [first = 0] = key;
  return first > KeyClass.number && first < KeyClass.string ? KeyClass.number : first;
}

const scratch = new KeyWriter();

/** The key of one value alone. */
export function keyOf(value: RawValue | undefined): Buffer {
  return scratch.reset().value(value).take();
}

/** Compares two decoded values in BSON's order. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string' && a === b) return 0;
  return Buffer.compare(keyOf(toRaw(a)), keyOf(toRaw(b)));
}

/** (negative ? -1 : 1) × 0.DIGITS × 10^exponent, without a zero at either end of the digits. */
interface ExactNumber {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/** A number without loss, whatever its type. */
function exactNumber({ type, bytes, start }: RawValue): ExactNumber | keyof typeof NUMBER_CLASSES {
  if (type === BsonType.int32) return exactInteger(bytes.readInt32LE(start));
  if (type === BsonType.int64) return exactInteger(bytes.readBigInt64LE(start));
  if (type === BsonType.decimal128) throw unsupported('Decimal128 in filters and indexes');
  let mantissa = bytes.readDoubleLE(start);
  if (Number.isNaN(mantissa)) return 'NaN';
  if (!Number.isFinite(mantissa)) return mantissa < 0 ? '-Infinity' : 'Infinity';
  // It is mantissa × 2^-halvings = mantissa × 5^halvings × 10^-halvings.
  let halvings = 0;
  for (; !Number.isInteger(mantissa); halvings++) mantissa *= 2;
  return exactInteger(BigInt(mantissa) * 5n ** BigInt(halvings), -halvings);
}

function exactInteger(value: number | bigint, power = 0): ExactNumber | '0' {
  const digits = String(value < 0 ? -value : value);
  if (digits === '0') return '0';
  return { negative: value < 0, digits: digits.replace(/0+$/, ''), exponent: digits.length + power };
}
