import { Context, evalExpr } from 'mingo/core';
import * as accumulator from 'mingo/operators/accumulator';
import * as expression from 'mingo/operators/expression';
import * as pipeline from 'mingo/operators/pipeline';
import * as projection from 'mingo/operators/projection';
import * as query from 'mingo/operators/query';
import { compareValues } from '../bson/keys.js';
import type { Document } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { toPlain, toPlainObject } from './plain.js';

type Options = Parameters<typeof evalExpr>[2];
type Expression = (document: unknown, operands: unknown, options: Options) => unknown;

/** mingo compares as JavaScript does; MongoDB compares across all types, and what is missing is less than null. */
function comparing(result: (order: number) => unknown): Expression {
  return (document, operands, options) => {
    if (!Array.isArray(operands) || operands.length !== 2) {
      throw new MongoError('BadValue', 'a comparison takes exactly 2 arguments');
    }
    const [a, b] = operands.map((operand: unknown) => evalExpr(document, operand, options));
    if (a === undefined || b === undefined) return result(Number(b === undefined) - Number(a === undefined));
    return result(Math.sign(compareValues(a, b)));
  };
}

const COMPARISONS = {
  $cmp: comparing((order) => order),
  $eq: comparing((order) => order === 0),
  $ne: comparing((order) => order !== 0),
  $gt: comparing((order) => order > 0),
  $gte: comparing((order) => order >= 0),
  $lt: comparing((order) => order < 0),
  $lte: comparing((order) => order <= 0),
};

/** mingo's operators, with comparisons as MongoDB makes them; and no JavaScript from a client is run. */
export const MINGO_OPTIONS = {
  context: Context.init({
    accumulator,
    expression: { ...expression, ...COMPARISONS },
    pipeline,
    projection,
    query,
  }),
  scriptEnabled: false,
};

export function isAccumulator(name: string): boolean {
  return Object.hasOwn(accumulator, name);
}

export function isExpression(name: string): boolean {
  return Object.hasOwn(expression, name);
}

/** The matcher for `$expr`. */
export function evaluateExpression(operand: unknown): (document: Document) => boolean {
  const plain = toPlain(operand);
  return (document) => {
    const value = guarded(() => evalExpr(toPlainObject(document), plain, MINGO_OPTIONS as Options));
    return value !== false && value !== null && value !== undefined && value !== 0;
  };
}

/** mingo's complaints about a pipeline are the client's business, not failures of the store. */
export function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof MongoError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new MongoError(/not registered/.test(message) ? 'InvalidPipelineOperator' : 'BadValue', message);
  }
}
