import { Binary, Decimal128, Double, Int32, Long, ObjectId, serialize } from 'bson';
import { BsonType, Elements, type RawValue } from './elements.js';

/**
 * A decoded document. A Map, because it keeps every key in its order ("10" before "2", `__proto__` too);
 * numbers keep their BSON type, so what was read can be written again unchanged.
 */
export type Document = Map<string, unknown>;

/** Decodes the document at `at`, every value with its BSON type. */
export function decode(bytes: Buffer, at = 0): Document {
  const document: Document = new Map();
  const elements = new Elements(bytes, at);
  while (elements.next()) document.set(elements.name, decodeValue(elements));
  return document;
}

export function decodeValue({ type, bytes, start, end }: RawValue): unknown {
  switch (type) {
    case BsonType.double:
      return new Double(bytes.readDoubleLE(start));
    case BsonType.string:
      return bytes.toString('utf8', start + 4, end - 1);
    case BsonType.object:
      return decode(bytes, start);
    case BsonType.array:
      return [...decode(bytes, start).values()];
    case BsonType.binary:
      return decodeBinary(bytes, start, end);
    case BsonType.objectId:
      return new ObjectId(bytes.subarray(start, end));
    case BsonType.boolean:
      return bytes[start] === 1;
    case BsonType.date:
      return new Date(Number(bytes.readBigInt64LE(start)));
    case BsonType.null:
      return null;
    case BsonType.int32:
      return new Int32(bytes.readInt32LE(start));
    case BsonType.int64:
      return Long.fromBits(bytes.readInt32LE(start), bytes.readInt32LE(start + 4));
    default:
      return new Decimal128(Uint8Array.from(bytes.subarray(start, end)));
  }
}

/** Encodes a document, or a plain object with BSON values, as bytes that share no memory with anything else. */
export function encode(document: Document | Record<string, unknown>): Buffer {
  const bytes = serialize(document, { ignoreUndefined: false });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Encodes one decoded value, for code that works on bytes. */
export function toRaw(value: unknown): RawValue {
  // Most values in filters are strings, and the library's encoder has a cost for each call.
  if (typeof value === 'string') {
    const bytes = Buffer.allocUnsafe(Buffer.byteLength(value) + 5);
    bytes.writeInt32LE(bytes.length - 4);
    bytes[bytes.write(value, 4) + 4] = 0;
    return { type: BsonType.string, bytes, start: 0, end: bytes.length };
  }
  const elements = new Elements(encode({ v: value }));
  elements.next();
  return elements;
}

export function isDocument(value: unknown): value is Document {
  return value instanceof Map;
}

export function isNumber(value: unknown): value is Int32 | Long | Double {
  return value instanceof Int32 || value instanceof Double || value instanceof Long;
}

/** The value as a number, or undefined; for counts and flags, where a double is exact enough. */
export function toNumber(value: unknown): number | undefined {
  return isNumber(value) ? Number(value.toString()) : undefined;
}

/** MongoDB's truth value: everything except false, null and zero is true. */
export function isTruthy(value: unknown): boolean {
  return isNumber(value) ? toNumber(value) !== 0 : value !== false && value !== null && value !== undefined;
}

function decodeBinary(bytes: Buffer, start: number, end: number): Binary {
  return new Binary(Buffer.from(bytes.subarray(start + 5, end)), bytes[start + 4] ?? 0);
}
