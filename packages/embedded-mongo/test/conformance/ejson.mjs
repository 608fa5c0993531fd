// The cases' JSON format: MongoDB's Extended JSON, with the types of numbers kept.
import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;
const { EJSON, Int32, Double } = BSON;

const WRAPPERS = new Set([
  '$oid',
  '$date',
  '$numberInt',
  '$numberLong',
  '$numberDouble',
  '$numberDecimal',
  '$binary',
  '$uuid',
  '$timestamp',
  '$regularExpression',
  '$minKey',
  '$maxKey',
  '$code',
]);

/**
 * Converts a case's JSON to BSON values. Integers become Int32 and other numbers Double unless wrapped.
 * `EJSON.deserialize` alone would take the query `{ "$regex": …, "$options": … }` for a regular expression.
 */
export function fromJson(json) {
  if (typeof json === 'number') return Number.isInteger(json) ? new Int32(json) : new Double(json);
  if (Array.isArray(json)) return json.map(fromJson);
  if (json === null || typeof json !== 'object') return json;
  const names = Object.keys(json);
  if (names.length === 1 && WRAPPERS.has(names[0])) return EJSON.deserialize(json, { relaxed: false });
  return Object.fromEntries(names.map((name) => [name, fromJson(json[name])]));
}

/** The shortest JSON that `fromJson` converts back to the same BSON values. */
export function toJson(value) {
  return shorten(JSON.parse(EJSON.stringify(value, { relaxed: false })));
}

/** Unwraps values that need no wrapper: an Int32, a Double with a fraction, a date within ISO 8601. */
function shorten(json) {
  if (Array.isArray(json)) return json.map(shorten);
  if (json === null || typeof json !== 'object') return json;
  if ('$numberInt' in json) return Number(json.$numberInt);
  if ('$numberDouble' in json && isFraction(json.$numberDouble)) return Number(json.$numberDouble);
  if (json.$date?.$numberLong !== undefined) return shortenDate(json);
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, shorten(value)]));
}

function isFraction(text) {
  const number = Number(text);
  return Number.isFinite(number) && !Number.isInteger(number);
}

function shortenDate(json) {
  const date = new Date(Number(json.$date.$numberLong));
  const isPlain = date.getTime() >= 0 && date.getUTCFullYear() <= 9999;
  return isPlain ? { $date: date.toISOString() } : json;
}
