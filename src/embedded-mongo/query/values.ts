import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Double,
  Int32,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { isDocument, isNumber, toNumber, toRaw } from '../bson/documents.js';
import { KeyClass, keyOf } from '../bson/keys.js';
import { MISSING } from './paths.js';

/** The class of a decoded value: `$gt` and its kin compare only within one. A missing value counts as null. */
export function classOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof BSONSymbol) return KeyClass.string;
  if (isNumber(value)) return KeyClass.number;
  if (value === null || value === MISSING) return KeyClass.null;
  if (value === undefined) return KeyClass.undefined;
  if (isDocument(value)) return KeyClass.object;
  if (Array.isArray(value)) return KeyClass.array;
  if (value instanceof Date) return KeyClass.date;
  if (typeof value === 'boolean') return KeyClass.boolean;
  if (value instanceof ObjectId) return KeyClass.objectId;
  if (value instanceof Binary) return KeyClass.binary;
  if (value instanceof Timestamp) return KeyClass.timestamp;
  if (value instanceof BSONRegExp) return KeyClass.regex;
  if (value instanceof DBRef) return KeyClass.dbPointer;
  if (value instanceof Code) return value.scope ? KeyClass.codeWithScope : KeyClass.code;
  if (value instanceof MinKey) return KeyClass.minKey;
  if (value instanceof MaxKey) return KeyClass.maxKey;
  throw new TypeError(`No BSON value: ${typeof value}`);
}

/** Compares values with one that is known beforehand, in BSON's order. */
export class Comparand {
  readonly valueClass: number;
  readonly isNaN: boolean;
  private readonly double: number | undefined;
  /** Made when it is first needed: a filter that an index answers never needs it. */
  private key: Buffer | undefined;

  constructor(readonly value: unknown) {
    this.valueClass = classOf(value);
    this.double = asDouble(value);
    this.isNaN = this.valueClass === KeyClass.number && Number.isNaN(toNumber(value));
  }

  /** Negative when `other` sorts before this value. */
  compare(other: unknown): number {
    const double = asDouble(other);
    if (double !== undefined && this.double !== undefined) return double - this.double;
    this.key ??= keyOf(toRaw(this.value));
    return Buffer.compare(keyOf(toRaw(other === MISSING ? null : other)), this.key);
  }

  equals(other: unknown): boolean {
    if (typeof other === 'string' && typeof this.value === 'string') return other === this.value;
    return classOf(other) === this.valueClass && this.compare(other) === 0;
  }
}

/** The short cut for the usual numbers; the others compare exactly, by their keys. */
function asDouble(value: unknown): number | undefined {
  const double = value instanceof Int32 || value instanceof Double ? value.valueOf() : undefined;
  return double !== undefined && Number.isFinite(double) ? double : undefined;
}
