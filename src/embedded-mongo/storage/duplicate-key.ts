import { Double, Long, Int32, ObjectId } from 'bson';
import { decodeValue, isDocument } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { type Index, keyPattern } from './index-definition.js';
import type { Place } from './index-keys.js';

/** The 11000 that MongoDB answers, in its words. */
export function duplicateKey(namespace: string, index: Index, values: readonly Place[]): MongoError {
  const keyValues = index.fields.map(({ path }, i) => {
    const place = values[i];
    return [path, place ? decodeValue(place) : null] as const;
  });
  const shown = keyValues.map(([path, value]) => `${path}: ${show(value)}`).join(', ');
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${shown} }`,
    { keyPattern: keyPattern(index), keyValue: new Map(keyValues) },
  );
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`;
  if (value instanceof Double)
    return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (value instanceof Int32 || value instanceof Long) return value.toString();
  if (Array.isArray(value)) return `[ ${value.map(show).join(', ')} ]`;
  if (isDocument(value)) return `{ ${[...value].map(([key, item]) => `${key}: ${show(item)}`).join(', ')} }`;
  return String(value);
}
