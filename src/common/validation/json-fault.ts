import { faultOfMarked, OUT_OF_RANGE } from './altered-numbers.js';

/** Why a JSON value can't be stored as it is, and where. */
export interface JsonFault {
  /** A JSON Pointer (RFC 6901) to the value, or to the object's key, that is at fault. */
  readonly pointer: string;
  /** Reads on from the pointer: "… at /payload/a <is nested too deep>". */
  readonly reason: string;
}

/**
 * Finds anything that would keep a parsed JSON value from coming back from the store unchanged.
 *
 * - A BSON key can't contain NUL, and UTF-8 can't contain a lone surrogate; both are refused in strings and keys alike.
 * - `1e999` is valid JSON, but Node reads it as Infinity, which JSON can't express. An integer that parsing would
 * change is a marked string (see `parseUnaltered`).
 * - `__proto__` is a trap for every program that copies the object key by key.
 * - MongoDB's encoder takes an object with `_bsontype` for one of its own types, and its decoder takes one with `$ref`
 * and `$id` for a DBRef; both would come back changed.
 *
 * @param maxDepth levels of nesting allowed, including `root`. Also bounds the recursion.
 */
export function findJsonFault(root: object, rootPointer: string, maxDepth: number): JsonFault | undefined {
  return inContainer(root, maxDepth, () => rootPointer);
}

// A pointer is needed only for a fault, so each level passes on a function that builds it.
type Pointer = () => string;

function inContainer(container: object, levels: number, at: Pointer): JsonFault | undefined {
  if (levels <= 0) return { pointer: at(), reason: 'is nested too deep' };
  return Array.isArray(container) ? inArray(container, levels, at) : inObject(container, levels, at);
}

function inArray(array: readonly unknown[], levels: number, at: Pointer): JsonFault | undefined {
  for (let index = 0; index < array.length; index++) {
    const fault = inValue(array[index], levels, () => `${at()}/${index}`);
    if (fault) return fault;
  }
  return undefined;
}

function inObject(object: object, levels: number, at: Pointer): JsonFault | undefined {
  for (const key of Object.keys(object)) {
    const atKey = () => `${at()}/${escapeToken(key)}`;
    const value = (object as Record<string, unknown>)[key];
    const reason = faultOfText(key) ?? faultOfKey(key, value);
    if (reason !== undefined) return { pointer: atKey(), reason: `has a key that ${reason}` };
    const fault = inValue(value, levels, atKey);
    if (fault) return fault;
  }
  if (isLikeDbRef(object)) {
    return { pointer: at(), reason: 'has both $ref and $id, which the database would read as a reference' };
  }
  return undefined;
}

function inValue(value: unknown, levels: number, at: Pointer): JsonFault | undefined {
  if (typeof value === 'string') {
    const reason = faultOfText(value);
    return reason === undefined ? undefined : { pointer: at(), reason };
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : { pointer: at(), reason: OUT_OF_RANGE };
  }
  return typeof value === 'object' && value !== null ? inContainer(value, levels - 1, at) : undefined;
}

function faultOfText(text: string): string | undefined {
  if (text.includes('\0')) return faultOfMarked(text) ?? 'contains a NUL character';
  return text.isWellFormed() ? undefined : 'contains half of a surrogate pair';
}

function faultOfKey(key: string, value: unknown): string | undefined {
  if (key === '__proto__') return 'is not allowed: __proto__';
  // The encoder ignores null: such an object is stored like any other.
  return key === '_bsontype' && value !== null ? 'is reserved by the database: _bsontype' : undefined;
}

function isLikeDbRef(object: object): boolean {
  return '$ref' in object && '$id' in object && typeof object.$ref === 'string' && object.$id !== null;
}

/** Escapes a key for a JSON Pointer. Half a surrogate pair, which can't be sent, becomes U+FFFD. */
function escapeToken(key: string): string {
  return key.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
}
