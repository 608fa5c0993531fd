import { type Document, isDocument, isTruthy } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { evaluateExpression } from './expressions.js';
import { compileOperator, isOperatorDocument, type Test } from './operators.js';
import { valuesAt } from './paths.js';

/** Whether a document matches. */
export type Matcher = (document: Document) => boolean;

/** Compiles a filter; throws for every operator it does not know. */
export function compileFilter(filter: Document): Matcher {
  const matchers = [...filter].map(([name, value]) =>
    name.startsWith('$') ? compileLogical(name, value) : compilePath(name, value),
  );
  const [only] = matchers;
  if (matchers.length === 1 && only) return only;
  return (document) => matchers.every((matches) => matches(document));
}

function compileLogical(name: string, value: unknown): Matcher {
  switch (name) {
    case '$and': {
      const all = compileList(name, value);
      return (document) => all.every((matches) => matches(document));
    }
    case '$or': {
      const any = compileList(name, value);
      return (document) => any.some((matches) => matches(document));
    }
    case '$nor': {
      const none = compileList(name, value);
      return (document) => !none.some((matches) => matches(document));
    }
    case '$expr':
      return evaluateExpression(value);
    case '$comment':
      return () => true;
    case '$alwaysTrue':
    case '$alwaysFalse':
      return () => name === '$alwaysTrue' && isTruthy(value);
    default:
      throw new MongoError('BadValue', `unknown top level operator: ${name}`);
  }
}

function compileList(name: string, value: unknown): Matcher[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new MongoError('BadValue', `${name} must be a nonempty array`);
  }
  return value.map((filter: unknown) => {
    if (!isDocument(filter)) throw new MongoError('BadValue', `${name} entries need to be full objects`);
    return compileFilter(filter);
  });
}

function compilePath(path: string, condition: unknown): Matcher {
  const tests: Test[] = [];
  if (isOperatorDocument(condition)) {
    for (const [name, operand] of condition) {
      if (name !== '$options') tests.push(compileOperator(name, operand, condition, compileFilter));
      else if (!condition.has('$regex')) throw new MongoError('BadValue', '$options needs a $regex');
    }
  } else {
    tests.push(compileOperator('$eq', condition, new Map(), compileFilter));
  }
  return (document) => {
    const values = valuesAt(document, path);
    return tests.every((test) => test(values));
  };
}
