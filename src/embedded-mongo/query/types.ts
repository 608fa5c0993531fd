import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { isDocument, isLong, isNumber, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';

type TypeTest = (value: unknown) => boolean;

const TESTS = new Map<string, [code: number, test: TypeTest]>(
  Object.entries({
    double: [1, (value) => value instanceof Double],
    string: [2, (value) => typeof value === 'string'],
    object: [3, isDocument],
    array: [4, Array.isArray],
    binData: [5, (value) => value instanceof Binary],
    undefined: [6, (value) => value === undefined],
    objectId: [7, (value) => value instanceof ObjectId],
    bool: [8, (value) => typeof value === 'boolean'],
    date: [9, (value) => value instanceof Date],
    null: [10, (value) => value === null],
    regex: [11, (value) => value instanceof BSONRegExp],
    dbPointer: [12, (value) => value instanceof DBRef],
    javascript: [13, (value) => value instanceof Code && !value.scope],
    symbol: [14, (value) => value instanceof BSONSymbol],
    javascriptWithScope: [15, (value) => value instanceof Code && !!value.scope],
    int: [16, (value) => value instanceof Int32],
    timestamp: [17, (value) => value instanceof Timestamp],
    long: [18, isLong],
    decimal: [19, (value) => value instanceof Decimal128],
    minKey: [-1, (value) => value instanceof MinKey],
    maxKey: [127, (value) => value instanceof MaxKey],
  }),
);

/** The `$type` test for a name, a number, or a list of them. */
export function hasType(operand: unknown): TypeTest {
  const tests = (Array.isArray(operand) ? operand : [operand]).map(typeTest);
  return (value) => tests.some((test) => test(value));
}

/** The name `$type` knows a value by. */
export function typeName(value: unknown): string {
  return [...TESTS].find(([, [, test]]) => test(value))?.[0] ?? 'missing';
}

function typeTest(operand: unknown): TypeTest {
  if (operand === 'number') return isNumber;
  const found =
    typeof operand === 'string'
      ? TESTS.get(operand)
      : [...TESTS.values()].find(([code]) => code === toNumber(operand));
  if (!found) throw new MongoError('BadValue', `Unknown type name or code: ${String(operand)}`);
  return found[1];
}
