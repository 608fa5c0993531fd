import { type Document, isDocument, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import type { Collection } from '../storage/collection.js';
import { idBytes, idRange } from '../storage/collection.js';
import type { KeyRange } from '../storage/engine.js';
import { type Index, type IndexField, keyPattern } from '../storage/index-definition.js';
import { END_OF_FIELDS } from '../storage/index-keys.js';
import { type Condition, conditionsOf, pointBytes, rangeOf, spanOf } from './bounds.js';
import { compileFilter, type Matcher } from './matcher.js';
import { parseSort, type SortField } from './sort.js';

/** How a query finds its documents. */
export interface Plan {
  /** Undefined for a scan of the whole collection, in order of insertion. */
  readonly index: Index | undefined;
  readonly ranges: readonly KeyRange[];
  readonly backwards: boolean;
  /** The keys themselves, where a unique index is given all its fields. */
  readonly points: readonly Buffer[] | undefined;
  /** What the ranges do not answer; undefined when they answer the whole filter. */
  readonly residual: Matcher | undefined;
  /** The sort that is left to do in memory. */
  readonly sort: readonly SortField[] | undefined;
}

/** What an index can do for a query. */
interface Candidate {
  readonly index: Index;
  /** The conditions on its leading fields that name values: `$eq` or `$in`. */
  readonly equal: readonly Condition[];
  /** The range conditions on the field after those. */
  readonly bounds: readonly Condition[];
  /** The direction in which it gives the sort; undefined where it does not. */
  readonly direction: 1 | -1 | undefined;
  /** Every field of a unique index has its value. */
  readonly exact: boolean;
}

/** Most ranges that `$in` conditions may unfold into. */
const MAX_RANGES = 1000;

/**
 * Chooses the index whose leading fields the filter fixes most of by equality (or `$in`); among equals one that also
 * gives the sort, then one that bounds a range, then the oldest. An `$or` is served where each of its branches names a
 * key of the same unique index. Without any use for an index the collection is scanned. What the index does not answer
 * is tested on each document, and a sort it does not give is done in memory.
 */
export function plan(collection: Collection, filter: Document, sortBy: Document, hint?: unknown): Plan {
  const matcher = compileFilter(filter);
  const sort = parseSort(sortBy);
  const natural = naturalOrder(sort, hint);
  const { conditions, complete } = conditionsOf(filter);
  const wanted = hint === undefined || natural ? undefined : hintedIndex(collection, hint);
  const usable = natural ? [] : wanted ? [wanted] : collection.indexes.filter(({ ready }) => ready);
  const keys = keysOfBranches(usable, filter);
  if (keys) {
    const { index, points, answered } = keys;
    return {
      index,
      ranges: [],
      backwards: false,
      points,
      residual: answered ? undefined : matcher,
      sort: sort.length > 0 ? sort : undefined,
    };
  }
  let best: Candidate | undefined;
  for (const index of usable) {
    if (!wanted && !holdsAll(index, conditions)) continue;
    const candidate = consider(index, conditions, sort);
    const useful =
      candidate.equal.length + candidate.bounds.length > 0 || (candidate.direction && sort.length > 0);
    if ((useful || wanted) && (!best || isBetter(candidate, best))) best = candidate;
  }
  const unsorted =
    sort.length === 0 || (natural !== undefined && sort.some(({ path }) => path === '$natural'));
  if (!best) {
    return {
      index: undefined,
      ranges: [idRange(collection.id)],
      backwards: natural === -1,
      points: undefined,
      residual: complete && conditions.length === 0 ? undefined : matcher,
      sort: unsorted ? undefined : sort,
    };
  }
  const { index, equal, bounds, direction, exact } = best;
  // An entry of a multikey index tells of one element of an array only.
  const answered = index.multikey ? 0 : equal.length + bounds.length;
  return {
    index,
    ranges: exact ? [] : rangesOf(prefixesOf(index, equal), index.fields[equal.length], bounds),
    backwards: direction === -1,
    points: exact ? pointsOf(index, equal) : undefined,
    residual: complete && answered === conditions.length ? undefined : matcher,
    sort: unsorted || direction ? undefined : sort,
  };
}

/** The keys that a filter asks for which is one `$or`, and whether they answer all of it. */
function keysOfBranches(
  indexes: readonly Index[],
  filter: Document,
): { index: Index; points: Buffer[]; answered: boolean } | undefined {
  const branches = filter.size === 1 ? filter.get('$or') : undefined;
  if (!Array.isArray(branches) || branches.length > MAX_RANGES) return undefined;
  const alternatives = branches.filter(isDocument).map(conditionsOf);
  for (const index of indexes) {
    if (index.multikey || !alternatives.every(({ conditions }) => holdsAll(index, conditions))) continue;
    const candidates = alternatives.map(({ conditions }) => consider(index, conditions, []));
    if (!candidates.every(({ exact }) => exact)) continue;
    return {
      index,
      points: distinct(candidates.flatMap(({ equal }) => pointsOf(index, equal))),
      answered: alternatives.every(
        ({ conditions, complete }) => complete && conditions.length === index.fields.length,
      ),
    };
  }
  return undefined;
}

/**
 * Whether every document the conditions accept is in the index. A sparse one lacks only documents without its fields,
 * which no condition on a value accepts; whether a partial one has them all is not worked out: it takes a hint.
 */
function holdsAll(index: Index, conditions: readonly Condition[]): boolean {
  if (index.partial) return false;
  const demands = ({ path, value }: Condition): boolean =>
    index.fields.some((field) => field.path === path) &&
    (Array.isArray(value) ? (value as unknown[]) : [value]).every((one) => one !== null && one !== undefined);
  return !index.sparse || conditions.some(demands);
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.equal.length !== b.equal.length) return a.equal.length > b.equal.length;
  if (a.exact !== b.exact) return a.exact;
  if ((a.direction === undefined) !== (b.direction === undefined)) return a.direction !== undefined;
  return a.bounds.length > 0 && b.bounds.length === 0;
}

function consider(index: Index, conditions: readonly Condition[], sort: readonly SortField[]): Candidate {
  const equal: Condition[] = [];
  const fixed = new Set<string>();
  let ranges = 1;
  for (const { path } of index.fields) {
    const condition = conditions.find((one) => one.path === path && isEquality(one));
    ranges *= condition ? valuesOf(condition).length : 0;
    if (!condition || ranges > MAX_RANGES) break;
    equal.push(condition);
    if (valuesOf(condition).length === 1) fixed.add(path);
    // The fields of an entry of a multikey index may come from different elements: more bounds would lose documents.
    if (index.multikey) break;
  }
  const next = index.multikey && equal.length > 0 ? undefined : index.fields[equal.length];
  const onNext = conditions.filter((one) => one.path === next?.path && !isEquality(one));
  return {
    index,
    equal,
    bounds: index.multikey ? onNext.slice(0, 1) : onNext,
    direction: index.multikey ? undefined : sortDirection(index, fixed, sort),
    exact: index.unique && equal.length === index.fields.length,
  };
}

function isEquality({ operator }: Condition): boolean {
  return operator === '$eq' || operator === '$in';
}

function valuesOf({ operator, value }: Condition): unknown[] {
  return operator === '$in' && Array.isArray(value) ? value : [value];
}

/** The bytes with which the entries begin that meet the equalities: one for each combination of `$in` values. */
function prefixesOf(index: Index, equal: readonly Condition[]): Buffer[] {
  let prefixes = [idBytes(index.id)];
  for (const [i, condition] of equal.entries()) {
    const descending = index.fields[i]?.descending === true;
    const points = distinct(valuesOf(condition).map((value) => pointBytes(value, descending)));
    prefixes = prefixes.flatMap((prefix) => points.map((point) => Buffer.concat([prefix, point])));
  }
  return prefixes;
}

/** The keys of a unique index that is given all its fields. */
function pointsOf(index: Index, equal: readonly Condition[]): Buffer[] {
  return prefixesOf(index, equal).map((prefix) => Buffer.concat([prefix, Buffer.of(END_OF_FIELDS)]));
}

function rangesOf(
  prefixes: readonly Buffer[],
  next: IndexField | undefined,
  bounds: readonly Condition[],
): KeyRange[] {
  const span = next && bounds.length > 0 ? rangeOf(bounds, next.descending) : spanOf(Buffer.alloc(0));
  return prefixes.map((prefix) => ({
    from: Buffer.concat([prefix, span.from]),
    to: Buffer.concat([prefix, span.to]),
  }));
}

/** The direction in which the index gives the sort, or undefined. Fields with one value don't matter to an order. */
function sortDirection(
  index: Index,
  fixed: ReadonlySet<string>,
  sort: readonly SortField[],
): 1 | -1 | undefined {
  let direction: 1 | -1 | undefined;
  const fields = index.fields.filter(({ path }) => !fixed.has(path));
  for (const { path, descending } of sort) {
    if (fixed.has(path)) continue;
    const field = fields.shift();
    // After all fields of a unique index no two entries are left to order.
    if (!field) return index.unique ? (direction ?? 1) : undefined;
    const step = field.descending === descending ? 1 : -1;
    if (field.path !== path || (direction ?? step) !== step) return undefined;
    direction = step;
  }
  return direction ?? 1;
}

function distinct(points: Buffer[]): Buffer[] {
  const sorted = points.sort((a, b) => Buffer.compare(a, b));
  return sorted.filter((point, i) => i === 0 || !point.equals(sorted[i - 1] ?? point));
}

/** 1 or -1 when the sort or the hint asks for the order of insertion. */
function naturalOrder(sort: readonly SortField[], hint: unknown): 1 | -1 | undefined {
  const bySort = sort.find(({ path }) => path === '$natural');
  if (bySort) return bySort.descending ? -1 : 1;
  if (isDocument(hint) && hint.has('$natural')) return toNumber(hint.get('$natural')) === -1 ? -1 : 1;
  return undefined;
}

function hintedIndex(collection: Collection, hint: unknown): Index {
  const found = collection.indexes.find((index) =>
    isDocument(hint) ? samePattern(hint, keyPattern(index)) : index.name === hint,
  );
  if (!found) {
    throw new MongoError(
      'BadValue',
      'error processing query: hint provided does not correspond to an existing index',
    );
  }
  return found;
}

/** Whether two key patterns are the same, in the same order. */
export function samePattern(a: Document, b: Document): boolean {
  const text = (pattern: Document): string =>
    JSON.stringify([...pattern].map(([path, to]) => [path, toNumber(to)]));
  return text(a) === text(b);
}
