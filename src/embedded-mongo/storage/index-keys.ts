import { decode } from '../bson/documents.js';
import { BsonType, Elements, type RawValue } from '../bson/elements.js';
import { KeyWriter } from '../bson/keys.js';
import { MongoError } from '../errors.js';
import { MAX_KEY_BYTES } from './engine.js';
import { type Index, keyPattern } from './index-definition.js';

/** Ends the fields of a key: below every class byte, so that { a } sorts before { a, … }. */
export const END_OF_FIELDS = 4;

const writer = new KeyWriter();

/** What stands for an empty array in an index. */
const EMPTY_ARRAY: RawValue = { type: BsonType.undefined, bytes: Buffer.alloc(0), start: 0, end: 0 };

/** A value of an indexed path; undefined where the document has none. */
export type Place = RawValue | undefined;

/** The keys of a document in an index; none where it is sparse or partial and leaves the document out. */
export interface IndexKeys {
  readonly keys: Buffer[];
  /** The indexed values of each key. */
  readonly values: readonly (readonly Place[])[];
  /** An indexed path led through an array: there is a key for each of its elements. */
  readonly multikey: boolean;
}

const NO_KEYS: IndexKeys = { keys: [], values: [], multikey: false };

/** Entries of an index that is not unique end with the record id, so that equal values can stand side by side. */
export function indexKeys(index: Index, document: Buffer, recordId: Buffer): IndexKeys {
  if (index.covers?.(decode(document)) === false) return NO_KEYS;
  const found = index.fields.map(({ parts }) => placesOf(document, parts));
  const firsts = found.map(({ places }) => places[0]);
  const arrays = found.filter(({ places }) => places.length > 1);
  if (arrays.length === 0) {
    if (index.sparse && firsts.every((place) => place === undefined)) return NO_KEYS;
    const multikey = found.some(({ throughArray }) => throughArray);
    return { keys: [writeKey(index, firsts, recordId)], values: [firsts], multikey };
  }
  if (arrays.length > 1) {
    const paths = index.fields
      .filter((_, i) => (found[i]?.places.length ?? 0) > 1)
      .map(({ path }) => `[${path}]`);
    throw new MongoError('CannotIndexParallelArrays', `cannot index parallel arrays ${paths.join(' ')}`);
  }
  const distinct = new Map<string, [key: Buffer, values: readonly Place[]]>();
  for (const element of arrays[0]?.places ?? []) {
    const places = firsts.map((first, i) => (found[i] === arrays[0] ? element : first));
    const key = writeKey(index, places, recordId);
    distinct.set(key.toString('latin1'), [key, places]);
  }
  const entries = [...distinct.values()];
  return { keys: entries.map(([key]) => key), values: entries.map(([, values]) => values), multikey: true };
}

function writeKey(index: Index, places: readonly Place[], recordId: Buffer): Buffer {
  writer.reset();
  writeIndexId(writer, index.id);
  places.forEach((place, i) => {
    const start = writer.length;
    writer.value(place);
    if (index.fields[i]?.descending) writer.invertFrom(start);
  });
  writer.byte(END_OF_FIELDS);
  if (!index.unique) writer.append(recordId);
  if (writer.length > MAX_KEY_BYTES) {
    throw new MongoError(
      'KeyTooLong',
      `The embedded store's index keys hold at most ${MAX_KEY_BYTES} bytes.`,
      {
        keyPattern: keyPattern(index),
      },
    );
  }
  return writer.take();
}

/** The first four bytes of every key say which index, or which collection's documents, it belongs to. */
export function writeIndexId(target: KeyWriter, id: number): KeyWriter {
  return target
    .byte(id >>> 24)
    .byte((id >>> 16) & 0xff)
    .byte((id >>> 8) & 0xff)
    .byte(id & 0xff);
}

interface Places {
  readonly places: Place[];
  throughArray: boolean;
}

/** Every value a path leads to, as indexes and sorts see it: at least one. */
export function placesOf(document: Buffer, parts: readonly Buffer[]): Places {
  const first = find(document, 0, parts[0]);
  if (parts.length === 1 && first?.type !== BsonType.array) return { places: [first], throughArray: false };
  const found: Places = { places: [], throughArray: false };
  collect(first, parts, 1, found);
  return found;
}

/** Adds every value the rest of the path leads to, as MongoDB indexes them. */
function collect(value: Place, parts: readonly Buffer[], depth: number, found: Places): void {
  const name = parts[depth];
  if (value?.type === BsonType.array) {
    found.throughArray = true;
    const byPosition = name && find(value.bytes, value.start, name);
    if (byPosition) {
      collect(byPosition, parts, depth + 1, found);
      return;
    }
    const elements = new Elements(value.bytes, value.start);
    let empty = true;
    while (elements.next()) {
      empty = false;
      const element = copyOf(elements);
      // Only one level of array opens up; an array in an array is a value.
      if (!name) found.places.push(element);
      else collect(element.type === BsonType.array ? undefined : element, parts, depth, found);
    }
    if (empty) found.places.push(name ? undefined : EMPTY_ARRAY);
  } else if (!name) {
    found.places.push(value);
  } else {
    collect(
      value?.type === BsonType.object ? find(value.bytes, value.start, name) : undefined,
      parts,
      depth + 1,
      found,
    );
  }
}

/** The element of that name in the document or array at `at`. */
export function find(bytes: Buffer, at: number, name: Buffer | undefined): Place {
  if (!name) return undefined;
  const elements = new Elements(bytes, at);
  while (elements.next()) if (elements.isNamed(name)) return elements;
  return undefined;
}

function copyOf({ type, bytes, start, end }: RawValue): RawValue {
  return { type, bytes, start, end };
}
