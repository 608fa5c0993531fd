import { type Document, isDocument, toRaw } from '../bson/documents.js';
import { keyOf } from '../bson/keys.js';
import { type Collection, idBytes, idRange } from '../storage/collection.js';
import type { KeyRange } from '../storage/engine.js';
import { END_OF_FIELDS, type Index } from '../storage/indexes.js';
import { type Condition, conditionsOf, rangeOf, spanOf } from './bounds.js';
import { compileFilter, type Matcher } from './filter.js';
import { parseSort, type SortField } from './sort.js';

/** How a query finds its documents. */
export interface Plan {
  /** Undefined for a scan of the whole collection, in order of insertion. */
  readonly index: Index | undefined;
  readonly ranges: readonly KeyRange[];
  readonly backwards: boolean;
  /** The exact keys, if the filter gives all fields of a unique index. */
  readonly points: readonly Buffer[] | undefined;
  /** Tests what the ranges do not cover; undefined if they cover the whole filter. */
  readonly residual: Matcher | undefined;
  /** The sort to do in memory; undefined if none is needed. */
  readonly sort: readonly SortField[] | undefined;
}

/** What an index can do for a query. */
interface Candidate {
  readonly index: Index;
  /** The conditions that fix its leading fields to values: `$eq` or `$in`. */
  readonly equal: readonly Condition[];
  /** The range conditions on the field after those. */
  readonly bounds: readonly Condition[];
  /** The direction in which it gives the sort order; undefined if it does not. */
  readonly direction: 1 | -1 | undefined;
  /** All fields of a unique index are fixed. */
  readonly exact: boolean;
}

/** The most ranges that `$in` conditions may expand to. */
const MAX_RANGES = 1000;

/**
 * Chooses the index with the most leading fields fixed by equality (or `$in`). Among equals it prefers a unique index
 * with all fields fixed, one that also gives the sort order, one that bounds a range, and the oldest, in this order. An
 * `$or` uses a unique index if each branch names one of its keys. If no index helps, the collection is scanned.
 * Conditions that the index does not cover are tested on each document, and other sort orders are made in memory.
 */
export function plan(collection: Collection, filter: Document, sortBy: Document): Plan {
  const matcher = compileFilter(filter);
  const fields = parseSort(sortBy);
  const sort = fields.length > 0 ? fields : undefined;
  const { conditions, complete } = conditionsOf(filter);
  const usable = collection.indexes.filter(({ ready }) => ready);
  const keys = keysOfBranches(usable, filter);
  if (keys) {
    const { index, points, answered } = keys;
    return { index, ranges: [], backwards: false, points, residual: answered ? undefined : matcher, sort };
  }
  let best: Candidate | undefined;
  for (const index of usable) {
    const candidate = consider(index, conditions, fields);
    const useful = candidate.equal.length + candidate.bounds.length > 0 || (candidate.direction && sort);
    if (useful && (!best || isBetter(candidate, best))) best = candidate;
  }
  if (!best) {
    const residual = complete && conditions.length === 0 ? undefined : matcher;
    const ranges = [idRange(collection.id)];
    return { index: undefined, ranges, backwards: false, points: undefined, residual, sort };
  }
  const { index, equal, bounds, direction, exact } = best;
  return {
    index,
    ranges: exact ? [] : rangesOf(prefixesOf(index, equal), bounds),
    backwards: direction === -1,
    points: exact ? pointsOf(index, equal) : undefined,
    residual: complete && equal.length + bounds.length === conditions.length ? undefined : matcher,
    sort: direction ? undefined : sort,
  };
}

type BranchKeys = { index: Index; points: Buffer[]; answered: boolean };

/** The keys of a filter that is a single `$or`, and whether they cover the whole filter. */
function keysOfBranches(indexes: readonly Index[], filter: Document): BranchKeys | undefined {
  const branches = filter.size === 1 ? filter.get('$or') : undefined;
  if (!Array.isArray(branches) || branches.length > MAX_RANGES) return undefined;
  const alternatives = branches.filter(isDocument).map(conditionsOf);
  for (const index of indexes) {
    const candidates = alternatives.map(({ conditions }) => consider(index, conditions, []));
    if (!candidates.every(({ exact }) => exact)) continue;
    const points = distinct(candidates.flatMap(({ equal }) => pointsOf(index, equal)));
    const fields = index.paths.length;
    const answered = alternatives.every((one) => one.complete && one.conditions.length === fields);
    return { index, points, answered };
  }
  return undefined;
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
  for (const path of index.paths) {
    const condition = conditions.find((one) => one.path === path && isEquality(one));
    ranges *= condition ? valuesOf(condition).length : 0;
    if (!condition || ranges > MAX_RANGES) break;
    equal.push(condition);
    if (valuesOf(condition).length === 1) fixed.add(path);
  }
  const next = index.paths[equal.length];
  return {
    index,
    equal,
    bounds: conditions.filter((one) => one.path === next && !isEquality(one)),
    direction: sortDirection(index, fixed, sort),
    exact: index.unique && equal.length === index.paths.length,
  };
}

function isEquality({ operator }: Condition): boolean {
  return operator === '$eq' || operator === '$in';
}

function valuesOf({ operator, value }: Condition): unknown[] {
  return operator === '$in' && Array.isArray(value) ? value : [value];
}

/** The key prefixes of the entries that meet the equalities: one for each combination of `$in` values. */
function prefixesOf(index: Index, equal: readonly Condition[]): Buffer[] {
  let prefixes = [idBytes(index.id)];
  for (const condition of equal) {
    const points = distinct(valuesOf(condition).map((value) => keyOf(toRaw(value))));
    prefixes = prefixes.flatMap((prefix) => points.map((point) => Buffer.concat([prefix, point])));
  }
  return prefixes;
}

/** The keys of a unique index whose fields are all fixed. */
function pointsOf(index: Index, equal: readonly Condition[]): Buffer[] {
  return prefixesOf(index, equal).map((prefix) => Buffer.concat([prefix, Buffer.of(END_OF_FIELDS)]));
}

function rangesOf(prefixes: readonly Buffer[], bounds: readonly Condition[]): KeyRange[] {
  const span = bounds.length > 0 ? rangeOf(bounds) : spanOf(Buffer.alloc(0));
  return prefixes.map((prefix) => ({
    from: Buffer.concat([prefix, span.from]),
    to: Buffer.concat([prefix, span.to]),
  }));
}

/** The direction in which the index gives the sort order, or undefined. Fields with a single value do not matter. */
function sortDirection(
  index: Index,
  fixed: ReadonlySet<string>,
  sort: readonly SortField[],
): 1 | -1 | undefined {
  let direction: 1 | -1 | undefined;
  const paths = index.paths.filter((path) => !fixed.has(path));
  for (const { path, descending } of sort) {
    if (fixed.has(path)) continue;
    const next = paths.shift();
    // No two entries of a unique index are equal in all fields, so nothing is left to order.
    if (next === undefined) return index.unique ? (direction ?? 1) : undefined;
    const step = descending ? -1 : 1;
    if (next !== path || (direction ?? step) !== step) return undefined;
    direction = step;
  }
  return direction ?? 1;
}

function distinct(points: Buffer[]): Buffer[] {
  const sorted = points.sort((a, b) => Buffer.compare(a, b));
  return sorted.filter((point, i) => i === 0 || !point.equals(sorted[i - 1] ?? point));
}
