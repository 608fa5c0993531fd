import { setImmediate as othersFirst } from 'node:timers/promises';
import mongoose, { type Model } from 'mongoose';

const { BSON } = mongoose.mongo;

/** The most documents in one reply: a page of a hundred takes two. */
const BATCH = 51;
/** Bytes that are decoded in one turn of the event loop: a megabyte of empty objects takes 35 ms. */
const BYTES_A_TURN = 512 * 1024;

/** Documents up to a number of bytes. */
export interface Bounded<T> {
  readonly documents: T[];
  /** Whether there would have been more within the limit. */
  readonly cut: boolean;
}

/** Two stretches that follow each other, as one. */
export function joined<T>(first: Bounded<T>, second: Bounded<T>, limit: number): Bounded<T> {
  if (first.cut) return first;
  return { documents: [...first.documents, ...second.documents].slice(0, limit), cut: second.cut };
}

/** Which documents of a collection, in which order. */
export interface Find {
  readonly filter: object;
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly skip?: number;
  readonly limit: number;
  /** Bytes of documents, as they are stored, after which it ends; there is always at least one document. */
  readonly maxBytes: number;
  /** Milliseconds after which the store gives up. */
  readonly maxTimeMS: number;
  /** The most documents in one reply of the store, where fewer bytes are wanted than usual. */
  readonly batchSize?: number;
}

/**
 * Finds documents up to a number of bytes. It takes them from the driver as bytes, so that their size is known, and
 * decodes those that fit; large ones in several turns of the event loop, so that other work can run.
 */
export async function findWithin<T>(model: Model<T>, find: Find): Promise<Bounded<T>> {
  const { filter, maxBytes, batchSize = BATCH, ...options } = find;
  const cursor = (model.collection as unknown as mongoose.mongo.Collection).find(filter, {
    ...options,
    batchSize: Math.min(batchSize, find.limit),
    projection: { _id: 0 },
    raw: true,
  });
  const documents: T[] = [];
  let bytes = 0;
  let inTurn = 0;
  try {
    while (await cursor.hasNext()) {
      for (const document of cursor.readBufferedDocuments() as unknown as Uint8Array[]) {
        bytes += document.length;
        if (documents.length > 0 && bytes > maxBytes) return { documents, cut: true };
        if (inTurn > BYTES_A_TURN) {
          await othersFirst();
          inTurn = 0;
        }
        inTurn += document.length;
        documents.push(BSON.deserialize(document) as T);
      }
    }
    return { documents, cut: false };
  } finally {
    await cursor.close();
  }
}
