import { ObjectId } from 'bson';
import { encode, decodeValue } from '../bson/documents.js';
import { BsonType, Elements, type RawValue, validate } from '../bson/elements.js';
import { MongoError } from '../errors.js';
import { duplicateKey } from './duplicate-key.js';
import type { Engine, KeyRange } from './engine.js';
import { type Index } from './index-definition.js';
import { find, indexKeys } from './index-keys.js';

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const ID = Buffer.from('_id');
const RECORD_ID_BYTES = 6;

const REFUSED_IDS = new Map<number, string>([
  [BsonType.array, 'an array'],
  [BsonType.regex, 'a regex'],
  [BsonType.undefined, 'a undefined'],
]);

/** A collection's documents, by record id (the order of insertion), and their entries in its indexes. */
export class Collection {
  /** Written by the store at the end of each command: see Store.write. */
  documents = 0;
  bytes = 0;
  changed = false;
  private nextRecordId: number | undefined;

  constructor(
    private readonly engine: Engine,
    readonly namespace: string,
    readonly id: number,
    readonly uuid: Buffer,
    /** In order of creation, `_id_` first. */
    readonly indexes: Index[],
    /** Called when an index meets its first array; remembers it on disk. */
    private readonly rememberMultikey: (collection: Collection) => void,
  ) {}

  /** Stores a document made ready by `withId`. Nothing is stored when it throws. Only inside a write. */
  insert(document: Buffer): void {
    const recordId = this.newRecordId();
    const entries = this.indexes.map((index) => this.checkedKeys(index, document, recordId));
    this.engine.put(this.documentKey(recordId), document);
    for (const keys of entries) for (const key of keys) this.engine.put(key, recordId);
    this.account(1, document.length);
  }

  /** Puts another document in the place of one. Nothing is stored when it throws. Only inside a write. */
  replace(recordId: Buffer, before: Buffer, after: Buffer): void {
    if (after.length > MAX_DOCUMENT_BYTES) {
      throw new MongoError(
        'Location17419',
        `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`,
      );
    }
    const changes = this.indexes.map((index) => {
      const stale = indexKeys(index, before, recordId).keys;
      const fresh = this.checkedKeys(index, after, recordId);
      return { stale: without(stale, fresh), fresh: without(fresh, stale) };
    });
    this.engine.put(this.documentKey(recordId), after);
    for (const { stale, fresh } of changes) {
      for (const key of stale) this.engine.remove(key);
      for (const key of fresh) this.engine.put(key, recordId);
    }
    this.account(0, after.length - before.length);
  }

  /** Only inside a write. */
  remove(recordId: Buffer, document: Buffer): void {
    for (const index of this.indexes) {
      for (const key of indexKeys(index, document, recordId).keys) this.engine.remove(key);
    }
    this.engine.remove(this.documentKey(recordId));
    this.account(-1, -document.length);
  }

  /** Fills a new index from the documents that are there; the caller removes the entries when it throws. */
  build(index: Index): void {
    for (const [recordId, document] of this.all()) {
      const { keys, values, multikey } = indexKeys(index, document, recordId);
      for (const [i, key] of keys.entries()) {
        if (index.unique && this.engine.has(key)) throw duplicateKey(this.namespace, index, values[i] ?? []);
        this.engine.put(key, recordId);
      }
      index.multikey ||= multikey;
    }
  }

  get(recordId: Buffer): Buffer | undefined {
    return this.engine.get(this.documentKey(recordId));
  }

  /** Every record, in order of insertion. */
  *all(): Generator<[recordId: Buffer, document: Buffer]> {
    let after: Buffer | undefined;
    for (;;) {
      const entries = this.engine.entries(this.documentRange(), false, 1000, after);
      for (const { key, value } of entries) yield [recordIdOf(key), value];
      after = entries.at(-1)?.key;
      if (!after) return;
    }
  }

  documentRange(): KeyRange {
    return idRange(this.id);
  }

  private documentKey(recordId: Buffer): Buffer {
    const key = Buffer.allocUnsafe(4 + RECORD_ID_BYTES);
    key.writeUInt32BE(this.id);
    recordId.copy(key, 4);
    return key;
  }

  /** The keys of a document, once it is certain that no other record has one of them in a unique index. */
  private checkedKeys(index: Index, document: Buffer, recordId: Buffer): Buffer[] {
    const { keys, values, multikey } = indexKeys(index, document, recordId);
    if (index.unique) {
      for (const [i, key] of keys.entries()) {
        const owner = this.engine.get(key);
        if (owner && !owner.equals(recordId)) throw duplicateKey(this.namespace, index, values[i] ?? []);
      }
    }
    if (multikey && !index.multikey) {
      index.multikey = true;
      this.rememberMultikey(this);
    }
    return keys;
  }

  private newRecordId(): Buffer {
    if (this.nextRecordId === undefined) {
      const last = this.engine.entries(this.documentRange(), true, 1)[0];
      this.nextRecordId = last ? recordIdOf(last.key).readUIntBE(0, RECORD_ID_BYTES) + 1 : 1;
    }
    const recordId = Buffer.allocUnsafe(RECORD_ID_BYTES);
    recordId.writeUIntBE(this.nextRecordId++, 0, RECORD_ID_BYTES);
    return recordId;
  }

  private account(documents: number, bytes: number): void {
    this.documents += documents;
    this.bytes += bytes;
    this.changed = true;
  }
}

/** The document with its `_id` in front, as MongoDB stores it; one is made where it is missing. */
export function withId(document: Buffer): Buffer {
  if (document.length > MAX_DOCUMENT_BYTES) {
    throw new MongoError(
      'BadValue',
      `object to insert too large. size in bytes: ${document.length}, max size: ${MAX_DOCUMENT_BYTES}`,
    );
  }
  validate(document);
  const id = find(document, 0, ID);
  if (!id) {
    const made = encode({ _id: new ObjectId() });
    return withTimes(joined([made.subarray(4, -1), document.subarray(4, -1)]));
  }
  checkId(id);
  const start = id.start - ID.length - 2;
  if (start === 4) return withTimes(document);
  return withTimes(
    joined([document.subarray(start, id.end), document.subarray(4, start), document.subarray(id.end, -1)]),
  );
}

function checkId(id: RawValue): void {
  const refused = REFUSED_IDS.get(id.type);
  if (refused !== undefined) throw new MongoError('BadValue', `can't use ${refused} for _id`);
  if (id.type !== BsonType.object) return;
  const elements = new Elements(id.bytes, id.start);
  while (elements.next()) {
    if (elements.name.startsWith('$')) {
      throw new MongoError(
        'DollarPrefixedFieldName',
        `_id fields may not contain '$'-prefixed fields: ${elements.name}`,
      );
    }
  }
}

/** An empty timestamp at the top level asks for the time. */
function withTimes(document: Buffer): Buffer {
  let timed: Buffer | undefined;
  const elements = new Elements(document);
  while (elements.next()) {
    if (elements.type !== BsonType.timestamp || elements.isNamed(ID)) continue;
    if (document.readBigUInt64LE(elements.start) !== 0n) continue;
    timed ??= Buffer.from(document);
    timed.writeUInt32LE(1, elements.start);
    timed.writeUInt32LE(Math.floor(Date.now() / 1000), elements.start + 4);
  }
  return timed ?? document;
}

/** The `_id` of a stored document, decoded. */
export function idOf(document: Buffer): unknown {
  const id = find(document, 0, ID);
  return id && decodeValue(id);
}

function joined(parts: Buffer[]): Buffer {
  const document = Buffer.concat([Buffer.alloc(4), ...parts, Buffer.alloc(1)]);
  document.writeInt32LE(document.length);
  return document;
}

export function recordIdOf(documentKey: Buffer): Buffer {
  return documentKey.subarray(4);
}

export function idBytes(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(id);
  return bytes;
}

/** All keys of an index, or of a collection's documents. */
export function idRange(id: number): KeyRange {
  return { from: idBytes(id), to: idBytes(id + 1) };
}

function without(keys: Buffer[], others: Buffer[]): Buffer[] {
  return keys.filter((key) => !others.some((other) => other.equals(key)));
}
