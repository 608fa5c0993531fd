import { BSONRegExp, Double, Int32, Long } from 'bson';
import { type Document, isDocument, isLong } from '../bson/documents.js';

/**
 * A decoded value as the plain JavaScript one that mingo's operators work on, and the bson library can encode again.
 * Whole numbers that a double can't hold become bigints.
 */
export function toPlain(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.valueOf();
  if (isLong(value)) {
    const number = value.toNumber();
    return Number.isSafeInteger(number) ? number : value.toBigInt();
  }
  if (isDocument(value)) return toPlainObject(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof BSONRegExp) return new RegExp(value.pattern, value.options.replace(/[^imsu]/g, ''));
  return value;
}

export type PlainObject = Record<string, unknown>;

export function toPlainObject(document: Document): PlainObject {
  const plain: PlainObject = {};
  for (const [name, value] of document) {
    // An assignment to __proto__ would set the prototype.
    if (name === '__proto__') {
      Object.defineProperty(plain, name, { value: toPlain(value), enumerable: true, writable: true });
    } else {
      plain[name] = toPlain(value);
    }
  }
  return plain;
}

/** What mingo made, ready to be encoded: without what is missing, and with whole numbers beyond an int as longs. */
export function fromPlain(plain: PlainObject): PlainObject {
  return Object.fromEntries(
    Object.entries(plain)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, fromPlainValue(value)]),
  );
}

function fromPlainValue(value: unknown): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) > 0x7fffffff)
    return Long.fromNumber(value);
  if (Array.isArray(value)) return value.map(fromPlainValue);
  return isPlainObject(value) ? fromPlain(value) : value;
}

function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
