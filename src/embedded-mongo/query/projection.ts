import { type Document, decode, encode, isDocument, isNumber, isTruthy } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { parsePipeline, runStages } from './aggregation.js';
import { isExpression } from './expressions.js';
import { compileFilter } from './matcher.js';
import { isOperatorDocument } from './operators.js';

/** Turns a stored document into the one a client asked for. */
export type Projection = (document: Buffer) => Buffer;

interface Tree {
  /** true: the field as it is; a Document: `$slice` or `$elemMatch` on it; a Tree: fields inside it. */
  [name: string]: true | Document | Tree;
}

/** Compiles a find projection; undefined when it keeps everything. */
export function compileProjection(projection: Document): Projection | undefined {
  if (projection.size === 0) return undefined;
  const spec = flatten(projection, '');
  if ([...spec.values()].some(isComputed)) return computed(projection);
  const inclusive = isInclusive(spec);
  const tree = Object.create(null) as Tree;
  for (const [path, value] of spec) {
    const operator = isDocument(value);
    const listed = operator || isTruthy(value) === inclusive;
    if (path !== '_id' && !listed) throw mixed(path, inclusive);
    if (listed) plant(tree, path.split('.'), operator ? value : true);
  }
  if (inclusive && !spec.has('_id')) tree['_id'] = true;
  return (document) => encode(prune(decode(document), tree, inclusive));
}

/** A document without operators stands for paths inside the field. */
function flatten(spec: Document, prefix: string): Document {
  const flat: Document = new Map();
  for (const [name, value] of spec) {
    const path = prefix + name;
    if (path.endsWith('.$') || path.includes('.$.')) throw unsupported(path);
    if (isDocument(value) && value.size > 0 && !isOperatorDocument(value)) {
      for (const [inner, leaf] of flatten(value, `${path}.`)) flat.set(inner, leaf);
    } else {
      flat.set(path, value);
    }
  }
  return flat;
}

function isComputed(value: unknown): boolean {
  if (isDocument(value)) return !(value.size === 1 && (value.has('$slice') || value.has('$elemMatch')));
  return !isNumber(value) && typeof value !== 'boolean';
}

/** Since MongoDB 4.4 a projection may compute, as an aggregation's `$project` does. */
function computed(projection: Document): Projection {
  const stages = parsePipeline([new Map([['$project', projection]])]);
  if (
    [...projection.values()].some(
      (value) => isDocument(value) && (value.has('$elemMatch') || value.has('$meta')),
    )
  ) {
    throw unsupported([...projection.keys()].join(', '));
  }
  for (const value of projection.values()) {
    const operator = isDocument(value) ? (value.keys().next().value ?? '') : '';
    if (operator.startsWith('$') && !isExpression(operator)) {
      throw new MongoError('Location31325', `Unknown expression ${operator}`);
    }
  }
  return (document) => {
    const [projected] = runStages([document], stages, { resolve: () => [], united: () => [] });
    return projected ?? document;
  };
}

function mixed(path: string, inclusive: boolean): MongoError {
  const [code, what, where] = inclusive
    ? (['Location31254', 'exclusion', 'inclusion'] as const)
    : (['Location31253', 'inclusion', 'exclusion'] as const);
  return new MongoError(code, `Cannot do ${what} on field ${path} in ${where} projection`);
}

/** `_id: 0` alone and operators don't decide; then everything else stays. */
function isInclusive(spec: Document): boolean {
  for (const [path, value] of spec) {
    if (path !== '_id' && !isDocument(value)) return isTruthy(value);
  }
  const id = spec.get('_id');
  if (id !== undefined && !isDocument(id)) return isTruthy(id);
  return [...spec.values()].some((value) => isDocument(value) && value.has('$elemMatch'));
}

function unsupported(path: string): MongoError {
  return new MongoError(
    'NotImplemented',
    `The embedded store does not support this projection of '${path}'.`,
  );
}

function plant(tree: Tree, [name = '', ...rest]: string[], leaf: true | Document): void {
  const here = tree[name];
  if (rest.length === 0 || here === true) {
    if (here !== undefined) throw new MongoError('Location31249', `Path collision at ${name}`);
    tree[name] = leaf;
  } else {
    const branch = isBranch(here) ? here : (Object.create(null) as Tree);
    tree[name] = branch;
    plant(branch, rest, leaf);
  }
}

function isBranch(node: Tree[string] | undefined): node is Tree {
  return node !== undefined && node !== true && !isDocument(node);
}

function prune(document: Document, tree: Tree, inclusive: boolean): Document {
  const kept: Document = new Map();
  for (const [name, value] of document) {
    const node = tree[name];
    if (node === undefined) {
      if (!inclusive) kept.set(name, value);
    } else if (isDocument(node)) {
      const picked = pick(value, node);
      if (picked !== undefined) kept.set(name, picked);
    } else if (node === true) {
      if (inclusive) kept.set(name, value);
    } else if (isDocument(value) || Array.isArray(value)) {
      kept.set(name, pruneInside(value, node, inclusive));
    } else if (!inclusive) {
      kept.set(name, value);
    }
  }
  return kept;
}

function pruneInside(value: Document | unknown[], tree: Tree, inclusive: boolean): unknown {
  if (isDocument(value)) return prune(value, tree, inclusive);
  return value
    .filter((item) => !inclusive || isDocument(item) || Array.isArray(item))
    .map((item) => (isDocument(item) || Array.isArray(item) ? pruneInside(item, tree, inclusive) : item));
}

function pick(value: unknown, operator: Document): unknown {
  if (operator.has('$slice')) return Array.isArray(value) ? slice(value, operator.get('$slice')) : value;
  if (!Array.isArray(value)) return undefined;
  const matches = compileFilter(new Map([['e', new Map([['$elemMatch', operator.get('$elemMatch')]])]]));
  const items: unknown[] = value;
  const found = items.find((item) => matches(new Map([['e', [item]]])));
  return found === undefined ? undefined : [found];
}

function slice(value: unknown[], operand: unknown): unknown[] {
  const numbers = (Array.isArray(operand) ? operand : [operand]).map((item) =>
    isNumber(item) ? Number(String(item)) : NaN,
  );
  const [first = NaN, count] = numbers;
  if (numbers.some(Number.isNaN)) throw new MongoError('BadValue', '$slice takes one or two numbers');
  if (count === undefined) return first < 0 ? value.slice(first) : value.slice(0, first);
  const start = first < 0 ? Math.max(0, value.length + first) : first;
  return value.slice(start, start + count);
}
