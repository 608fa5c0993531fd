import { unsupported } from '../errors.js';

/** BSON's type bytes (bsonspec.org). */
export const BsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  int32: 0x10,
  int64: 0x12,
  decimal128: 0x13,
} as const;

/** The bytes are not BSON. */
export class BsonError extends Error {
  override readonly name = 'BsonError';
}

/** The position of a value inside a BSON document. Nothing is decoded or copied. */
export interface RawValue {
  readonly type: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Iterates over the elements of a document or array, without allocating: every write does this. */
export class Elements implements RawValue {
  type = 0;
  nameStart = 0;
  nameEnd = 0;
  start = 0;
  end: number;
  private readonly limit: number;

  constructor(
    readonly bytes: Buffer,
    at = 0,
  ) {
    const size = at + 5 <= bytes.length ? bytes.readInt32LE(at) : 0;
    if (size < 5 || at + size > bytes.length || bytes[at + size - 1] !== 0) {
      throw new BsonError('a document is not as long as it says');
    }
    this.end = at + 4;
    this.limit = at + size - 1;
  }

  /** Moves to the next element; false after the last one. Throws BsonError, or MongoError on an unsupported type. */
  next(): boolean {
    const { bytes, limit } = this;
    let at = this.end;
    if (at === limit) return false;
    this.type = bytes[at++] ?? 0;
    this.nameStart = at;
    while (at < limit && bytes[at] !== 0) at++;
    this.nameEnd = at++;
    this.start = at;
    this.end = at + valueSize(this.type, bytes, at, limit);
    if (this.end > limit) throw new BsonError('a value does not end inside its document');
    return true;
  }

  get name(): string {
    return this.bytes.toString('utf8', this.nameStart, this.nameEnd);
  }

  isNamed(name: Buffer): boolean {
    const { bytes, nameStart } = this;
    if (this.nameEnd - nameStart !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (bytes[nameStart + i] !== name[i]) return false;
    return true;
  }
}

/** The sizes of types with a fixed size, in the order of BsonType: double, objectId, boolean, date, null, numbers. */
const FIXED_SIZES: Partial<Record<number, number>> = { 1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 18: 8, 19: 16 };

function valueSize(type: number, bytes: Buffer, at: number, limit: number): number {
  switch (type) {
    case BsonType.string:
      return 4 + lengthAt(bytes, at, limit, 1);
    case BsonType.object:
    case BsonType.array:
      return lengthAt(bytes, at, limit, 5);
    case BsonType.binary:
      return 5 + lengthAt(bytes, at, limit, 0);
    default: {
      const size = FIXED_SIZES[type];
      if (size !== undefined) return size;
      if (type === 0 || (type > 0x13 && type !== 0x7f && type !== 0xff))
        throw new BsonError(`0x${type.toString(16)} is not a BSON type`);
      throw unsupported(`values of the BSON type ${type}`);
    }
  }
}

function lengthAt(bytes: Buffer, at: number, limit: number, least: number): number {
  const length = at + 4 <= limit ? bytes.readInt32LE(at) : -1;
  if (length < least) throw new BsonError('a value has an impossible length');
  return length;
}

/** MongoDB's limit on nesting. */
const MAX_DEPTH = 200;

/** Throws BsonError if the document at `at` is malformed at any depth, and MongoError on an unsupported type. */
export function validate(bytes: Buffer, at = 0, depth = 1): void {
  if (depth > MAX_DEPTH) throw new BsonError(`documents nest deeper than ${MAX_DEPTH} levels`);
  const elements = new Elements(bytes, at);
  while (elements.next()) {
    const { type, start, end } = elements;
    if (type === BsonType.object || type === BsonType.array) validate(bytes, start, depth + 1);
    else if (type === BsonType.string && bytes[end - 1] !== 0)
      throw new BsonError('a string does not end with a zero byte');
  }
}
