import { decode, type Document, encode, isDocument } from '../bson/documents.js';
import { compareValues } from '../bson/keys.js';
import { MongoError, unsupported } from '../errors.js';

/** Makes the updated document out of a stored one, as bytes. Throws if the update does not fit the document. */
export type Update = (document: Buffer) => Buffer;

/** Compiles the `u` of an update statement: operators or a replacement. */
export function compileUpdate(update: unknown): Update {
  if (!isDocument(update)) throw unsupported('update by a pipeline', 'FailedToParse');
  const replaces = update.keys().next().value?.startsWith('$') !== true;
  const change = replaces ? compileReplacement(update) : compileOperators(update);
  return (bytes) => {
    const before = decode(bytes);
    const id = before.get('_id');
    const after = change(before);
    if (replaces && !after.has('_id')) after.set('_id', id);
    return encode(idFirst(after, id));
  };
}

/** The document with its `_id` in front. Throws if it has another `_id`. */
function idFirst(document: Document, id: unknown): Document {
  if (!document.has('_id') || compareValues(document.get('_id'), id) !== 0)
    throw new MongoError('ImmutableField', "the update would modify the immutable field '_id'");
  return document.keys().next().value === '_id'
    ? document
    : new Map([['_id', id], ...[...document].filter(([name]) => name !== '_id')]);
}

/** Changes a decoded document in place, or returns a replacement. */
type Change = (document: Document) => Document;

function compileReplacement(update: Document): Change {
  const dollar = [...update.keys()].find((name) => name.startsWith('$'));
  if (dollar === undefined) return () => new Map(update);
  throw new MongoError('DollarPrefixedFieldName', `'${dollar}' is not allowed in a replacement.`);
}

interface Step {
  readonly path: string;
  /** `$set` with this value, otherwise `$unset`. */
  readonly set?: { readonly value: unknown };
}

function compileOperators(update: Document): Change {
  const steps = [...update].flatMap(([name, paths]): Step[] => {
    if (name !== '$set' && name !== '$unset') throw unsupported(name, 'FailedToParse');
    if (!isDocument(paths))
      throw new MongoError('FailedToParse', `Modifiers operate on fields but ${name} has another type.`);
    return [...paths].map(([path, value]) => ({
      path: checked(path),
      ...(name === '$set' && { set: { value } }),
    }));
  });
  // MongoDB adds new fields in the order of their names, and a field directly before those inside it.
  const placeOf = ({ path }: Step): string => path.replaceAll('.', '\0');
  steps.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  for (const [i, { path }] of steps.entries()) {
    const next = steps[i + 1]?.path ?? '';
    if (next === path || next.startsWith(`${path}.`))
      throw new MongoError('ConflictingUpdateOperators', `'${next}' would create a conflict at '${path}'`);
  }
  return (document) => {
    for (const { path, set } of steps) {
      const holder = holderOf(document, path, set !== undefined);
      const name = path.slice(path.lastIndexOf('.') + 1);
      if (set) holder?.set(name, set.value);
      else holder?.delete(name);
    }
    return document;
  };
}

function checked(path: string): string {
  const names = path.split('.');
  if (names.includes('')) throw new MongoError('EmptyFieldName', `The path '${path}' has an empty name.`);
  if (names.some((name) => name.startsWith('$'))) throw unsupported(`update path '${path}'`);
  return path;
}

/** The document that holds the last field of a path; if it is missing, `make` creates it. */
function holderOf(document: Document, path: string, make: boolean): Document | undefined {
  let holder = document;
  for (const name of path.split('.').slice(0, -1)) {
    const inner = holder.get(name);
    if (Array.isArray(inner)) throw unsupported(`update inside an array (by '${path}')`);
    if (isDocument(inner)) {
      holder = inner;
    } else if (!make) {
      return undefined;
    } else if (holder.has(name)) {
      throw new MongoError('PathNotViable', `Cannot create the field '${path}': '${name}' is no document`);
    } else {
      const made: Document = new Map();
      holder.set(name, made);
      holder = made;
    }
  }
  return holder;
}
