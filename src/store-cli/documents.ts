import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;
type Collection = mongoose.mongo.Collection;
export type Fields = mongoose.mongo.BSON.Document;

/** What one round trip carries at most. */
const BATCH_DOCUMENTS = 1000;
const BATCH_BYTES = 8 * 1024 * 1024;

/** A document as it is stored: every value keeps its BSON type. */
export interface StoredDocument {
  readonly id: unknown;
  /** The id as text, to find the document by. */
  readonly key: string;
  readonly fields: Fields;
  readonly bytes: Uint8Array;
}

/** The documents of a collection that a filter selects, in the order of their ids. */
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

/** Which of the documents a collection has, by their keys. */
export async function findSame(
  collection: Collection,
  batch: readonly StoredDocument[],
): Promise<Map<string, StoredDocument>> {
  const ids = batch.map(({ id }) => id);
  const found = await collection.find({ _id: { $in: ids } } as Fields, { raw: true }).toArray();
  return new Map(found.map((raw) => read(raw)).map((document) => [document.key, document]));
}

/** With `raw` the driver gives bytes, whatever its types say. */
function read(raw: unknown): StoredDocument {
  const bytes = raw as Uint8Array;
  const fields = BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true });
  const id: unknown = fields['_id'];
  return { id, key: textOf(id), fields, bytes };
}

export function textOf(value: unknown): string {
  return BSON.EJSON.stringify(value, { relaxed: true });
}

/** Whether both say the same. JavaScript puts fields such as "1" first, so bytes that differ may still do. */
export function areAlike(a: StoredDocument, b: StoredDocument): boolean {
  return isSameBytes(a.bytes, b.bytes) || haveSameFields(a.fields, b.fields);
}

export function haveSameFields(a: Fields, b: Fields): boolean {
  return isSameBytes(BSON.serialize(a), BSON.serialize(b));
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
