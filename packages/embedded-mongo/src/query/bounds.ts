import { type Document, isDocument, toRaw } from '../bson/documents.js';
import { classOfKey, KeyClass, keyOf } from '../bson/keys.js';
import type { KeyRange } from '../storage/engine.js';
import { isNaNValue, isOperatorDocument } from './filter.js';

type BoundOperator = '$eq' | '$in' | '$gt' | '$gte' | '$lt' | '$lte';

/** One condition of a filter that an index can serve. */
export interface Condition {
  readonly path: string;
  readonly operator: BoundOperator;
  readonly value: unknown;
}

/** The conditions that every matching document meets, and whether the filter consists only of them. */
export function conditionsOf(filter: Document): { conditions: Condition[]; complete: boolean } {
  const conditions: Condition[] = [];
  let complete = true;
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      for (const part of value.filter(isDocument)) {
        const inner = conditionsOf(part);
        conditions.push(...inner.conditions);
        complete &&= inner.complete;
      }
    } else if (name.startsWith('$')) {
      complete = false;
    } else {
      const entries: [string, unknown][] = isOperatorDocument(value) ? [...value] : [['$eq', value]];
      for (const [operator, operand] of entries) {
        if (isBound(operator, operand)) conditions.push({ path: name, operator, value: operand });
        else complete = false;
      }
    }
  }
  return { conditions, complete };
}

function isBound(operator: string, operand: unknown): operator is BoundOperator {
  // An array equals an element of the field's array as well as the whole of it.
  if (operator === '$in') return Array.isArray(operand) && !operand.some(Array.isArray);
  if (operator === '$eq') return !Array.isArray(operand);
  const isRange = operator === '$gt' || operator === '$gte' || operator === '$lt' || operator === '$lte';
  return isRange && operand !== null && !Array.isArray(operand) && !isNaNValue(operand);
}

const LOWEST: Buffer = Buffer.of(0x01);
const HIGHEST: Buffer = Buffer.of(0xff);

/** The keys of one value, or of all that begin so, without the index's prefix: see KeyClass for why these two bytes. */
export function spanOf(bytes: Buffer): KeyRange {
  return { from: Buffer.concat([bytes, LOWEST]), to: Buffer.concat([bytes, HIGHEST]) };
}

/** The span that all these range conditions (on one field) leave. */
export function rangeOf(conditions: readonly Condition[]): KeyRange {
  let from = LOWEST;
  let to = HIGHEST;
  for (const { operator, value } of conditions) {
    const key = keyOf(toRaw(value));
    const point = spanOf(key);
    // All values of a class: `$lt: 5` finds no string, and no NaN either.
    const valueClass = classOfKey(key);
    const isNumber = valueClass === KeyClass.number;
    let low: Buffer = Buffer.of(isNumber ? valueClass + 1 : valueClass);
    let high: Buffer = Buffer.of(isNumber ? valueClass + 6 : valueClass + 1);
    if (operator === '$gt') low = point.to;
    if (operator === '$gte') low = point.from;
    if (operator === '$lt') high = point.from;
    if (operator === '$lte') high = point.to;
    if (Buffer.compare(low, from) > 0) from = low;
    if (Buffer.compare(high, to) < 0) to = high;
  }
  return { from, to };
}
