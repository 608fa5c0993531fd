import { Int32 } from 'bson';
import { decodeValue, type Document, isDocument, isTruthy, toNumber } from '../bson/documents.js';
import { BsonType, Elements, type RawValue } from '../bson/elements.js';
import { KeyWriter } from '../bson/keys.js';
import { MongoError, unsupported } from '../errors.js';
import { MAX_KEY_BYTES } from './engine.js';

/** An index. All fields are ascending. */
export interface Index {
  readonly id: number;
  readonly name: string;
  readonly unique: boolean;
  readonly paths: readonly string[];
  /** The names in each path, as bytes for comparison. */
  readonly parts: readonly Path[];
  /** Whether it is on disk, so that queries may use it. */
  ready: boolean;
}

type Path = readonly Buffer[];

/** The supported options, and those without effect here. */
const OPTIONS = /^(key|name|unique|background|v|ns)$/;

/** Parses one index of createIndexes. Throws on options that the store does not support. */
export function parseIndex(id: number, spec: Document): Index {
  const key = spec.get('key');
  const name = spec.get('name');
  if (!isDocument(key) || typeof name !== 'string')
    throw new MongoError('FailedToParse', "An index specification needs a 'key' and a 'name'.");
  const paths = [...key.keys()];
  if (paths.length === 0 || name === '' || !paths.every((path) => /^([^$.][^.]*(\.(?!$)|$))+$/.test(path)))
    throw new MongoError('CannotCreateIndex', 'Index keys and names cannot be empty, nor begin with $.');
  const other = [...spec.keys()].find((option) => !OPTIONS.test(option));
  if (other !== undefined) throw unsupported(`'${other}' of indexes`, 'CannotCreateIndex');
  if ([...key.values()].some((direction) => toNumber(direction) !== 1))
    throw unsupported('indexes but ascending ones', 'CannotCreateIndex');
  const unique = isTruthy(spec.get('unique') ?? false);
  return { id, name, unique, paths, parts: paths.map(pathOf), ready: false };
}

export function pathOf(path: string): Path {
  return path.split('.').map((name) => Buffer.from(name));
}

/** The key pattern in MongoDB's form: { a: 1, b: 1 }. */
export function keyPattern({ paths }: Index): Document {
  return new Map(paths.map((path) => [path, new Int32(1)]));
}

/** The value at an indexed path; undefined if the document has none. */
export type Place = RawValue | undefined;

/** Ends the fields of a key. It is below every class byte, so that { a } sorts before { a, … }. */
export const END_OF_FIELDS = 4;

const writer = new KeyWriter();

/** The key of a document in an index. In an index that is not unique, it ends with the record id. */
export function indexKey(index: Index, document: Buffer, recordId: Buffer): Buffer {
  writer.reset();
  // The first four bytes of every key identify the index, or the collection whose documents they are.
  for (const shift of [24, 16, 8, 0]) writer.byte((index.id >>> shift) & 0xff);
  for (const path of index.parts) writer.value(placeOf(document, path));
  writer.byte(END_OF_FIELDS);
  if (!index.unique) writer.append(recordId);
  if (writer.length > MAX_KEY_BYTES) {
    const message = `The embedded store's index keys hold at most ${MAX_KEY_BYTES} bytes.`;
    throw new MongoError('KeyTooLong', message, { keyPattern: keyPattern(index) });
  }
  return writer.take();
}

/** The value at a path, for indexes and sorts. Throws if the path leads to or through an array. */
export function placeOf(document: Buffer, path: Path): Place {
  let place = find(document, 0, path[0]);
  for (let depth = 1; ; depth++) {
    if (place?.type === BsonType.array)
      throw unsupported(`indexes on arrays and sorts by them ('${path.join('.')}' leads to one)`);
    if (depth === path.length) return place;
    if (place?.type !== BsonType.object) return undefined;
    place = find(place.bytes, place.start, path[depth]);
  }
}

/** The element with that name in the document or array at `at`. */
export function find(bytes: Buffer, at: number, name: Buffer | undefined): Place {
  if (!name) return undefined;
  const elements = new Elements(bytes, at);
  while (elements.next()) if (elements.isNamed(name)) return elements;
  return undefined;
}

/** MongoDB's error 11000, with its message. */
export function duplicateKey(namespace: string, index: Index, document: Buffer): MongoError {
  const keyValues = index.paths.map((path) => {
    const place = placeOf(document, pathOf(path));
    return [path, place ? decodeValue(place) : null] as const;
  });
  const shown = keyValues.map(([path, value]) => `${path}: ${show(value)}`).join(', ');
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${shown} }`,
    { keyPattern: keyPattern(index), keyValue: new Map(keyValues) },
  );
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return isDocument(value) ? '{ … }' : String(value);
}
