import { isObject } from 'class-validator';
import mongoose from 'mongoose';
import { limits } from '../../config/config.js';
import { findJsonFault } from './json-fault.js';

/** The most bytes of BSON for one value: a document has 16 MiB, and also holds ids, times and marks. */
const MAX_BSON_BYTES = 16 * 1024 * 1024 - 16 * 1024;
/**
 * The factor by which JSON, as written by `JSON.stringify`, grows at most when it becomes BSON. In a list of a million
 * numbers or more, the two bytes `0,` become 13: a type, an index of seven digits with its NUL, and an int32. They
 * become 17 for -0, which is stored as a double. (`"",` and `{},` become 14 from 3 bytes.)
 */
export const BSON_GROWTH = 8.5;

/**
 * Why a value can't be stored as a JSON object of at most this many bytes, as a sentence; undefined if it can.
 *
 * @param name the field's name, for the sentence and the JSON Pointer in it.
 */
export function faultOfJsonObject(value: unknown, name: string, maxBytes: number): string | undefined {
  if (!isObject(value)) return `${name} must be a JSON object`;
  const fault = findJsonFault(value, `/${name}`, limits.MAX_JSON_DEPTH);
  if (fault) return `${fault.pointer} ${fault.reason}`;
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > maxBytes) {
    return `/${name} is too large: ${bytes} bytes as JSON, at most ${maxBytes} are allowed`;
  }
  if (bytes * BSON_GROWTH <= MAX_BSON_BYTES) return undefined; // always true below 1.8 MiB
  const stored = mongoose.mongo.BSON.calculateObjectSize(value);
  return stored > MAX_BSON_BYTES
    ? `/${name} is too large to be stored: ${stored} bytes as BSON, at most ${MAX_BSON_BYTES} are possible`
    : undefined;
}
