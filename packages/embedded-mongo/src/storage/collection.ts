import { ObjectId } from 'bson';
import { encode } from '../bson/documents.js';
import { BsonType, validate } from '../bson/elements.js';
import { MongoError } from '../errors.js';
import type { Engine, KeyRange } from './engine.js';
import { duplicateKey, find, type Index, indexKey } from './indexes.js';

export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

const ID = Buffer.from('_id');
const RECORD_ID_BYTES = 6;

/** A collection's documents, by record id (the order of insertion), and their entries in its indexes. */
export class Collection {
  private nextRecordId: number | undefined;

  constructor(
    private readonly engine: Engine,
    readonly namespace: string,
    readonly id: number,
    /** In order of creation, `_id_` first. */
    readonly indexes: Index[],
  ) {}

  /** Stores a document prepared by `withId`. If it throws, nothing is stored. Only inside a write. */
  insert(document: Buffer): void {
    const recordId = this.newRecordId();
    const keys = this.indexes.map((index) => this.checkedKey(index, document, recordId));
    this.engine.put(this.documentKey(recordId), document);
    for (const key of keys) this.engine.put(key, recordId);
  }

  /** Replaces a document. If it throws, nothing is stored. Only inside a write. */
  replace(recordId: Buffer, before: Buffer, after: Buffer): void {
    if (after.length > MAX_DOCUMENT_BYTES)
      throw new MongoError(17419, `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`);
    const changes = this.indexes.map((index) => ({
      stale: indexKey(index, before, recordId),
      fresh: this.checkedKey(index, after, recordId),
    }));
    this.engine.put(this.documentKey(recordId), after);
    for (const { stale, fresh } of changes) {
      if (stale.equals(fresh)) continue;
      this.engine.remove(stale);
      this.engine.put(fresh, recordId);
    }
  }

  /** Only inside a write. */
  remove(recordId: Buffer, document: Buffer): void {
    for (const index of this.indexes) this.engine.remove(indexKey(index, document, recordId));
    this.engine.remove(this.documentKey(recordId));
  }

  /** Fills a new index from the existing documents. If it throws, the caller removes the entries. */
  build(index: Index): void {
    for (const { key, value } of this.engine.all(idRange(this.id))) {
      const recordId = recordIdOf(key);
      this.engine.put(this.checkedKey(index, value, recordId), recordId);
    }
  }

  get(recordId: Buffer): Buffer | undefined {
    return this.engine.get(this.documentKey(recordId));
  }

  /** How many documents it has. */
  count(): number {
    return this.engine.count(idRange(this.id));
  }

  private documentKey(recordId: Buffer): Buffer {
    const key = Buffer.allocUnsafe(4 + RECORD_ID_BYTES);
    key.writeUInt32BE(this.id);
    recordId.copy(key, 4);
    return key;
  }

  /** The key of a document. Throws if another record has it in a unique index. */
  private checkedKey(index: Index, document: Buffer, recordId: Buffer): Buffer {
    const key = indexKey(index, document, recordId);
    const owner = index.unique ? this.engine.get(key) : undefined;
    if (owner && !owner.equals(recordId)) throw duplicateKey(this.namespace, index, document);
    return key;
  }

  private newRecordId(): Buffer {
    if (this.nextRecordId === undefined) {
      const last = this.engine.entries(idRange(this.id), true, 1)[0];
      this.nextRecordId = last ? recordIdOf(last.key).readUIntBE(0, RECORD_ID_BYTES) + 1 : 1;
    }
    const recordId = Buffer.allocUnsafe(RECORD_ID_BYTES);
    recordId.writeUIntBE(this.nextRecordId++, 0, RECORD_ID_BYTES);
    return recordId;
  }
}

/** The document with its `_id` in front, as MongoDB stores it; a missing `_id` is generated. */
export function withId(document: Buffer): Buffer {
  if (document.length > MAX_DOCUMENT_BYTES) {
    const sizes = `size in bytes: ${document.length}, max size: ${MAX_DOCUMENT_BYTES}`;
    throw new MongoError('BadValue', `object to insert too large. ${sizes}`);
  }
  validate(document);
  const id = find(document, 0, ID);
  if (!id) {
    const made = encode({ _id: new ObjectId() });
    return joined([made.subarray(4, -1), document.subarray(4, -1)]);
  }
  if (id.type === BsonType.array) throw new MongoError('BadValue', "can't use an array for _id");
  const start = id.start - ID.length - 2;
  if (start === 4) return document;
  const before = document.subarray(4, start);
  return joined([document.subarray(start, id.end), before, document.subarray(id.end, -1)]);
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
