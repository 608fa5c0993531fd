import { type Document, toNumber, toRaw } from '../bson/documents.js';
import { classOfKey, KeyClass, keyOf } from '../bson/keys.js';
import { MongoError, unsupported } from '../errors.js';
import { type Collection, idBytes, idRange } from '../storage/collection.js';
import type { KeyRange } from '../storage/engine.js';
import type { Index } from '../storage/indexes.js';
import { type Condition, type Filter, isNaNValue, type Matcher, matcherOf, parseFilter } from './filter.js';

/** How a query finds its documents. */
export interface Plan {
  /** Undefined for a scan of the whole collection, in order of insertion. */
  readonly index: Index | undefined;
  /** In the order of the index. */
  readonly ranges: readonly KeyRange[];
  readonly backwards: boolean;
  /** Tests what the ranges do not cover; undefined if they cover the whole filter. */
  readonly residual: Matcher | undefined;
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
}

interface SortField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** The most ranges that `$in` conditions and `$or` may expand to. */
const MAX_RANGES = 1000;

/**
 * Chooses the index with the most leading fields fixed by equality (or `$in`), among equals a unique
 * one with all its fields fixed, then one that bounds a range, then the oldest. A single `$or` uses an index if each branch fixes all its fields. If no index helps, the collection is
 * scanned. Conditions that the index does not cover are tested on each document. Throws if no index gives the sort order.
 */
export function plan(collection: Collection, query: Document, sortBy: Document): Plan {
  const filter = parseFilter(query);
  const sort = parseSort(sortBy);
  const usable = collection.indexes.filter(({ ready }) => ready);
  const branches = sort.length === 0 ? planBranches(usable, filter) : undefined;
  if (branches) return branches;
  let best: Candidate | undefined;
  for (const index of usable) {
    const candidate = consider(index, filter.conditions, sort);
    const helps = candidate.equal.length + candidate.bounds.length + sort.length > 0;
    if (helps && candidate.direction && (!best || isBetter(candidate, best))) best = candidate;
  }
  if (best) {
    const { index, equal, bounds, direction } = best;
    const rest = filter.conditions.filter((one) => !equal.includes(one) && !bounds.includes(one));
    const residual = matcherOf({ ...filter, conditions: rest });
    return { index, ranges: rangesOf(best), backwards: direction === -1, residual };
  }
  if (sort.length > 0) throw unsupported(`sort without an index ({ ${[...sortBy.keys()].join(', ')} })`);
  return {
    index: undefined,
    ranges: [idRange(collection.id)],
    backwards: false,
    residual: matcherOf(filter),
  };
}

/** The plan for a filter that is a single `$or`; undefined if no index has the keys of all branches. */
function planBranches(indexes: readonly Index[], filter: Filter): Plan | undefined {
  const [branches, ...others] = filter.alternatives;
  if (!branches || others.length + filter.conditions.length > 0) return undefined;
  for (const index of indexes) {
    const candidates = branches.map(({ conditions }) => consider(index, conditions, []));
    if (!candidates.every(({ equal }) => equal.length === index.paths.length)) continue;
    const ranges = distinct(candidates.flatMap(rangesOf));
    if (ranges.length > MAX_RANGES) continue;
    return { index, ranges, backwards: false, residual: matcherOf(filter) };
  }
  return undefined;
}

function parseSort(sort: Document): SortField[] {
  return [...sort].map(([path, value]) => {
    const direction = toNumber(value);
    if (!path.startsWith('$') && (direction === 1 || direction === -1)) return { path, direction };
    throw new MongoError(direction === undefined ? 15974 : 15975, 'a sort must be 1 or -1 of a field');
  });
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.equal.length !== b.equal.length) return a.equal.length > b.equal.length;
  if (isExact(a) !== isExact(b)) return isExact(a);
  return a.bounds.length > 0 && b.bounds.length === 0;
}

/** Whether at most one document has each key that the conditions give. */
function isExact({ index, equal }: Candidate): boolean {
  return index.unique && equal.length === index.paths.length;
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
  const bounds = conditions.filter((one) => one.path === next && isRange(one));
  return { index, equal, bounds, direction: sortDirection(index, fixed, sort) };
}

/** An array equals an element of the field's array as well as the whole of it, so no index finds it. */
function isEquality({ operator, operand }: Condition): boolean {
  if (operator === '$in') return Array.isArray(operand) && !operand.some(Array.isArray);
  return operator === '$eq' && !Array.isArray(operand);
}

function isRange({ operator, operand }: Condition): boolean {
  return /^\$[gl]te?$/.test(operator) && operand !== null && !Array.isArray(operand) && !isNaNValue(operand);
}

function valuesOf({ operator, operand }: Condition): unknown[] {
  return operator === '$in' && Array.isArray(operand) ? operand : [operand];
}

/** The direction in which the index gives the sort order, or undefined. Fields with a single value do not matter. */
function sortDirection(
  index: Index,
  fixed: ReadonlySet<string>,
  sort: readonly SortField[],
): 1 | -1 | undefined {
  let found: 1 | -1 | undefined;
  const paths = index.paths.filter((path) => !fixed.has(path));
  for (const { path, direction } of sort) {
    if (fixed.has(path)) continue;
    const next = paths.shift();
    // No two entries of a unique index are equal in all fields, so nothing is left to order.
    if (next === undefined) return index.unique ? (found ?? 1) : undefined;
    if (next !== path || (found ?? direction) !== direction) return undefined;
    found = direction;
  }
  return found ?? 1;
}

/** The entries that meet the conditions: one range for each combination of `$in` values. */
function rangesOf({ index, equal, bounds }: Candidate): KeyRange[] {
  let prefixes = [idBytes(index.id)];
  for (const condition of equal) {
    const keys = valuesOf(condition).map((value) => keyOf(toRaw(value)));
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key])));
  }
  const { from, to } = boundsOf(bounds);
  return distinct(
    prefixes.map((prefix) => ({ from: Buffer.concat([prefix, from]), to: Buffer.concat([prefix, to]) })),
  );
}

function distinct(ranges: KeyRange[]): KeyRange[] {
  ranges.sort((a, b) => Buffer.compare(a.from, b.from));
  return ranges.filter(({ from }, i) => i === 0 || !from.equals(ranges[i - 1]?.from ?? from));
}

/** All class bytes lie between these two. */
const LOWEST: Buffer = Buffer.of(0x01);
const HIGHEST: Buffer = Buffer.of(0xff);

/** The keys that all these range conditions (on one field) leave, without what precedes them in the index. */
function boundsOf(conditions: readonly Condition[]): KeyRange {
  let from = LOWEST;
  let to = HIGHEST;
  for (const { operator, operand } of conditions) {
    const key = keyOf(toRaw(operand));
    const below = Buffer.concat([key, LOWEST]);
    const above = Buffer.concat([key, HIGHEST]);
    // All values of a class: `$lt: 5` finds no string, and no NaN either.
    const valueClass = classOfKey(key);
    const isNumber = valueClass === KeyClass.number;
    let low: Buffer = Buffer.of(isNumber ? valueClass + 1 : valueClass);
    let high: Buffer = Buffer.of(isNumber ? valueClass + 6 : valueClass + 1);
    if (operator === '$gt') low = above;
    if (operator === '$gte') low = below;
    if (operator === '$lt') high = below;
    if (operator === '$lte') high = above;
    if (Buffer.compare(low, from) > 0) from = low;
    if (Buffer.compare(high, to) < 0) to = high;
  }
  return { from, to };
}
