import { type Document, isDocument } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { compileFilter } from './matcher.js';
import { MISSING } from './paths.js';

/** A place in a document that an update operator may read and write. */
export interface Target {
  get(): unknown;
  set(value: unknown): void;
  /** Removes the field; an element of an array becomes null, so that the others keep their places. */
  unset(): void;
}

/** Whether an array element is meant by `$[identifier]`. */
export type ArrayFilters = ReadonlyMap<string, (element: unknown) => boolean>;

/** Compiles `arrayFilters`: each names one identifier. */
export function compileArrayFilters(filters: readonly Document[]): ArrayFilters {
  const compiled = new Map<string, (element: unknown) => boolean>();
  for (const filter of filters) {
    const identifiers = new Set(identifiersOf(filter));
    const [identifier = ''] = identifiers;
    if (identifiers.size !== 1 || compiled.has(identifier)) {
      throw new MongoError(
        'FailedToParse',
        'Each array filter must use one identifier that no other filter uses',
      );
    }
    const matches = compileFilter(filter);
    compiled.set(identifier, (element) => matches(new Map([[identifier, element]])));
  }
  return compiled;
}

function identifiersOf(filter: Document): string[] {
  return [...filter].flatMap(([name, value]) =>
    name.startsWith('$') && Array.isArray(value)
      ? value.filter(isDocument).flatMap(identifiersOf)
      : [name.split('.')[0] ?? ''],
  );
}

/**
 * The places a path of an update leads to: several where it has `$[]` or `$[identifier]`. Documents on the way are
 * made when something is set in them, unless `existing` asks for what is there only.
 */
export function targetsOf(
  document: Document,
  path: string,
  filters: ArrayFilters,
  existing: boolean,
): Target[] {
  const names = path.split('.');
  if (names.some((name) => name === '')) {
    throw new MongoError(
      'EmptyFieldName',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    );
  }
  return descend(document, names, 0, { path, filters, existing });
}

interface Walk {
  readonly path: string;
  readonly filters: ArrayFilters;
  readonly existing: boolean;
}

function descend(container: unknown, names: readonly string[], depth: number, walk: Walk): Target[] {
  const name = names[depth] ?? '';
  if (Array.isArray(container)) return descendArray(container, name, names, depth, walk);
  if (!isDocument(container)) {
    if (walk.existing) return [];
    throw new MongoError(
      'PathNotViable',
      `Cannot create field '${name}' in element {${names[depth - 1] ?? ''}: ${String(container)}}`,
    );
  }
  if (name.startsWith('$')) throw arrayExpected(walk.path, name);
  return follow(fieldOf(container, name), names, depth, walk);
}

function descendArray(
  array: unknown[],
  name: string,
  names: readonly string[],
  depth: number,
  walk: Walk,
): Target[] {
  const chosen = /^\$\[(.*)\]$/.exec(name)?.[1];
  if (chosen !== undefined) {
    const accepts = chosen === '' ? () => true : walk.filters.get(chosen);
    if (!accepts)
      throw new MongoError(
        'BadValue',
        `No array filter found for identifier '${chosen}' in path '${walk.path}'`,
      );
    return [...array.keys()]
      .filter((position) => accepts(array[position]))
      .flatMap((position) => follow(elementOf(array, position), names, depth, walk));
  }
  if (!/^\d+$/.test(name)) {
    if (walk.existing) return [];
    throw new MongoError(
      'PathNotViable',
      `Cannot create field '${name}' in element {${names[depth - 1] ?? ''}: an array}`,
    );
  }
  return follow(elementOf(array, Number(name)), names, depth, walk);
}

function follow(target: Target, names: readonly string[], depth: number, walk: Walk): Target[] {
  if (depth === names.length - 1) return [target];
  const inside = target.get();
  if (inside !== MISSING) return descend(inside, names, depth + 1, walk);
  if (walk.existing) return [];
  // The missing documents appear only when something is set.
  const made: Document = new Map();
  return descend(made, names, depth + 1, walk).map((inner) => ({
    ...inner,
    set: (value) => {
      inner.set(value);
      target.set(made);
    },
  }));
}

function fieldOf(document: Document, name: string): Target {
  return {
    get: () => (document.has(name) ? document.get(name) : MISSING),
    set: (value) => document.set(name, value),
    unset: () => document.delete(name),
  };
}

/** An update may lengthen an array by so many nulls, as in MongoDB. */
const MAX_PADDING = 1_500_000;

function elementOf(array: unknown[], position: number): Target {
  return {
    get: () => (position < array.length ? array[position] : MISSING),
    set: (value) => {
      if (position - array.length > MAX_PADDING)
        throw new MongoError('CannotBackfillArray', 'The array would become too long');
      while (array.length < position) array.push(null);
      array[position] = value;
    },
    unset: () => {
      if (position < array.length) array[position] = null;
    },
  };
}

function arrayExpected(path: string, name: string): MongoError {
  return name === '$'
    ? new MongoError('BadValue', 'The positional operator did not find the match needed from the query.')
    : new MongoError(
        'BadValue',
        `The path '${path}' must exist in the document in order to apply array updates.`,
      );
}

/** Puts the position of the element that the filter matched in place of `$`. */
export function resolvePositional(path: string, filter: Document, document: Document): string {
  const [before = '', ...after] = path
    .split('.$.')
    .flatMap((part) => (part.endsWith('.$') ? [part.slice(0, -2), ''] : [part]));
  if (after.length === 0) return path;
  if (after.length > 1)
    throw new MongoError('BadValue', `Too many positional (i.e. '$') elements found in path '${path}'`);
  const position = matchedPosition(before, filter, document);
  if (position === undefined) {
    throw new MongoError('BadValue', 'The positional operator did not find the match needed from the query.');
  }
  return [before, String(position), ...after.filter((part) => part !== '')].join('.');
}

function matchedPosition(path: string, filter: Document, document: Document): number | undefined {
  const [target] = targetsOf(document, path, new Map(), true);
  const array = target?.get();
  if (!Array.isArray(array)) return undefined;
  const conditions = [...filter].flatMap(([name, value]) =>
    name === '$and' && Array.isArray(value)
      ? value.filter(isDocument).flatMap((part) => [...part])
      : [[name, value] as [string, unknown]],
  );
  for (const [name, condition] of conditions) {
    if (name !== path && !name.startsWith(`${path}.`)) continue;
    const matches = compileFilter(new Map([[`e${name.slice(path.length)}`, condition]]));
    const found = array.findIndex((element: unknown) => matches(new Map([['e', [element]]])));
    if (found >= 0) return found;
  }
  return undefined;
}
