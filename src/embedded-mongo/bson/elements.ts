import { type MongoError, unsupported } from '../errors.js';

/** BSON's type bytes (bsonspec.org). */
export const BsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const;

/** The bytes are not BSON. */
export class BsonError extends Error {
  override readonly name = 'BsonError';
}

/** A value inside a BSON document, by its place: nothing is decoded or copied. */
export interface RawValue {
  readonly type: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Walks the elements of one document or array. The walk allocates nothing: it is on the path of every write. */
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

  /** Moves to the next element; false after the last one. Throws BsonError where the bytes are no BSON. */
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

const FIXED_SIZES = new Map<number, number>([
  [BsonType.double, 8],
  [BsonType.undefined, 0],
  [BsonType.objectId, 12],
  [BsonType.boolean, 1],
  [BsonType.date, 8],
  [BsonType.null, 0],
  [BsonType.int32, 4],
  [BsonType.timestamp, 8],
  [BsonType.int64, 8],
  [BsonType.decimal128, 16],
  [BsonType.maxKey, 0],
  [BsonType.minKey, 0],
]);

function valueSize(type: number, bytes: Buffer, at: number, limit: number): number {
  switch (type) {
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol:
      return 4 + lengthAt(bytes, at, limit, 1);
    case BsonType.object:
    case BsonType.array:
    case BsonType.codeWithScope:
      return lengthAt(bytes, at, limit, 5);
    case BsonType.binary:
      return 5 + lengthAt(bytes, at, limit, 0);
    case BsonType.dbPointer:
      return 16 + lengthAt(bytes, at, limit, 1);
    case BsonType.regex: {
      const options = afterZero(bytes, at, limit);
      return afterZero(bytes, options, limit) - at;
    }
    default: {
      const size = FIXED_SIZES.get(type);
      if (size === undefined) throw new BsonError(`0x${type.toString(16)} is not a BSON type`);
      return size;
    }
  }
}

function lengthAt(bytes: Buffer, at: number, limit: number, least: number): number {
  const length = at + 4 <= limit ? bytes.readInt32LE(at) : -1;
  if (length < least) throw new BsonError('a value has an impossible length');
  return length;
}

function afterZero(bytes: Buffer, at: number, limit: number): number {
  const zero = bytes.indexOf(0, at);
  if (zero < 0 || zero >= limit) throw new BsonError('a regular expression does not end');
  return zero + 1;
}

/**
 * Stands for a value of one of the types that no JSON has (regular expressions, timestamps, code …). A message with
 * one can be read and so be answered; whoever looks at the value refuses it by its name.
 */
export class Unsupported {
  constructor(private readonly type: number) {}

  refuse(): MongoError {
    const name = Object.entries(BsonType).find(([, type]) => type === this.type)?.[0] ?? '';
    return unsupported(`values of the type ${name}`);
  }

  /** The bson library asks this of whatever it is to encode. */
  toBSON(): never {
    throw this.refuse();
  }
}

/** What can't be stored: these types are read only so far that they can be refused. */
const {
  undefined: none,
  regex,
  dbPointer,
  code,
  symbol,
  codeWithScope,
  timestamp,
  minKey,
  maxKey,
} = BsonType;
const UNSTORABLE = new Set<number>([
  none,
  regex,
  dbPointer,
  code,
  symbol,
  codeWithScope,
  timestamp,
  minKey,
  maxKey,
]);

/** MongoDB's limit on nesting. */
const MAX_DEPTH = 200;

/** Throws BsonError unless the document at `at` is well formed down to its leaves, and MongoError where it has an unsupported type. */
export function validate(bytes: Buffer, at = 0, depth = 1): void {
  if (depth > MAX_DEPTH) throw new BsonError(`documents nest deeper than ${MAX_DEPTH} levels`);
  const elements = new Elements(bytes, at);
  while (elements.next()) {
    const { type, start, end } = elements;
    if (type === BsonType.object || type === BsonType.array) validate(bytes, start, depth + 1);
    else if (UNSTORABLE.has(type)) throw new Unsupported(type).refuse();
    else if (type === BsonType.string && bytes[end - 1] !== 0)
      throw new BsonError('a string does not end with a zero byte');
  }
}
