import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;
type Collection = mongoose.mongo.Collection;
export type Fields = mongoose.mongo.BSON.Document;

/** The most documents in one round trip. */
const BATCH_DOCUMENTS = 1000;
const BATCH_BYTES = 8 * 1024 * 1024;

/** A stored document, with the BSON types of all values. */
export interface StoredDocument {
  readonly id: unknown;
  /** The id as text, for looking up the document. */
  readonly key: string;
  readonly fields: Fields;
  readonly bytes: Uint8Array;
}

/** The documents that match a filter, in the order of their ids. */
export async function* batchesOf(collection: Collection, filter: Fields): AsyncGenerator<StoredDocument[]> {
  let batch: StoredDocument[] = [];
  let bytes = 0;
  for await (const raw of collection
    .find(filter, { raw: true, batchSize: BATCH_DOCUMENTS })
    .sort({ _id: 1 })) {
    const document = read(raw);
    if (batch.length === BATCH_DOCUMENTS || bytes + document.bytes.length > BATCH_BYTES) {
      if (batch.length > 0) yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(document);
    bytes += document.bytes.length;
  }
  if (batch.length > 0) yield batch;
}

/** The documents that a collection already has, by their keys. */
export async function findSame(
  collection: Collection,
  batch: readonly StoredDocument[],
): Promise<Map<string, StoredDocument>> {
  const ids = batch.map(({ id }) => id);
  const found = await collection.find({ _id: { $in: ids } } as Fields, { raw: true }).toArray();
  return new Map(found.map((raw) => read(raw)).map((document) => [document.key, document]));
}

/** With `raw` the driver returns bytes, whatever its types say. */
function read(raw: unknown): StoredDocument {
  const bytes = raw as Uint8Array;
  const fields = BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true });
  const id: unknown = fields['_id'];
  return { id, key: textOf(id), fields, bytes };
}

export function textOf(value: unknown): string {
  return BSON.EJSON.stringify(value, { relaxed: true });
}

/** Whether the contents are equal. JavaScript puts keys such as "1" first, so equal contents may differ in bytes. */
export function areAlike(a: StoredDocument, b: StoredDocument): boolean {
  return isSameBytes(a.bytes, b.bytes) || haveSameFields(a.fields, b.fields);
}

export function haveSameFields(a: Fields, b: Fields): boolean {
  return isSameBytes(BSON.serialize(a), BSON.serialize(b));
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
