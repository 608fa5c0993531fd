import { BSONRegExp } from 'bson';
import { type Document, isDocument, toNumber, toRaw } from '../bson/documents.js';
import { KeyClass, KeyWriter } from '../bson/keys.js';
import { isOperatorDocument } from './operators.js';
import { classOf } from './values.js';

type BoundOperator = '$eq' | '$in' | '$gt' | '$gte' | '$lt' | '$lte';

/** One condition of a filter that an index can answer. */
export interface Condition {
  readonly path: string;
  readonly operator: BoundOperator;
  readonly value: unknown;
}

/** The conditions all of which a document must meet, and whether the filter says anything beyond them. */
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
  switch (operator) {
    case '$eq':
      return isPoint(operand);
    case '$in':
      return Array.isArray(operand) && operand.every(isPoint);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return isRangeEnd(operand);
    default:
      return false;
  }
}

/** A regular expression matches more than itself; an array equals its elements' array as well as itself. */
function isPoint(value: unknown): boolean {
  return !(value instanceof BSONRegExp) && !Array.isArray(value);
}

const UNBOUNDED = new Set<number>([
  KeyClass.null,
  KeyClass.undefined,
  KeyClass.array,
  KeyClass.regex,
  KeyClass.minKey,
  KeyClass.maxKey,
]);

function isRangeEnd(value: unknown): boolean {
  return !UNBOUNDED.has(classOf(value)) && !Number.isNaN(toNumber(value));
}

const writer = new KeyWriter();

/** The bytes of one value in an index field. */
export function pointBytes(value: unknown, descending: boolean): Buffer {
  writer.reset().value(toRaw(value === undefined ? null : value));
  if (descending) writer.invertFrom(0);
  return writer.take();
}

/** Bytes that span a field's values: everything from `from` up to `to`, after the key's prefix. */
export interface FieldRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

const LOWEST: Buffer = Buffer.of(0x01);
const HIGHEST: Buffer = Buffer.of(0xff);

/** The span of one value, or of a whole prefix: see KeyClass for why these two bytes. */
export function spanOf(bytes: Buffer): FieldRange {
  return { from: Buffer.concat([bytes, LOWEST]), to: Buffer.concat([bytes, HIGHEST]) };
}

/** The span that all these range conditions (on one field) leave. */
export function rangeOf(conditions: readonly Condition[], descending: boolean): FieldRange {
  let from = LOWEST;
  let to = HIGHEST;
  for (const { operator, value } of conditions) {
    const bracket = bracketOf(classOf(value), descending);
    const point = spanOf(pointBytes(value, descending));
    const upward = (operator === '$gt' || operator === '$gte') !== descending;
    const inclusive = operator === '$gte' || operator === '$lte';
    const ends = upward
      ? { from: inclusive ? point.from : point.to, to: bracket.to }
      : { from: bracket.from, to: inclusive ? point.to : point.from };
    if (Buffer.compare(ends.from, from) > 0) from = ends.from;
    if (Buffer.compare(ends.to, to) < 0) to = ends.to;
  }
  return { from, to };
}

/** All values of a class: `$lt: 5` finds no string, and no NaN either. */
function bracketOf(valueClass: number, descending: boolean): FieldRange {
  const number = valueClass === KeyClass.number;
  const first = number ? valueClass + 1 : valueClass;
  const behind = number ? valueClass + 6 : valueClass + 1;
  return descending
    ? { from: Buffer.of(256 - behind), to: Buffer.of(256 - first) }
    : { from: Buffer.of(first), to: Buffer.of(behind) };
}
