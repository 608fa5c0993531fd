import DataLoader from 'dataloader';
import mongoose, { type Collection } from 'mongoose';
import { refusalBy, unorderedOutcomes, type InsertOutcome } from './mongo-errors.js';

/** The most items in one command: enough to make the command's own cost small, few enough to meet its deadline. */
export const MAX_BATCH = 100;

/**
 * The most bytes of one command. Only what must not be split may be larger: a single document, or the events of one
 * request. A batch of 100 ordinary events has some 50 KB. Large items gain nothing from sharing a command and delay others.
 */
export const MAX_BATCH_BYTES = 512 * 1024;

/** How DataLoader collects what shares a command: nothing is remembered, nor waited for beyond the turn. */
const SAME_TURN = { cache: false, maxBatchSize: MAX_BATCH, batchScheduleFn: setImmediate };

/**
 * How many parts, from the first on, fit in one command; at least one.
 *
 * @param itemsIn the number of items in a part; by default one.
 */
export function batchLength<Part>(
  parts: readonly Part[],
  bytesOf: (part: Part) => number,
  itemsIn: (part: Part) => number = () => 1,
): number {
  let [items, bytes] = [0, 0];
  const end = parts.findIndex((part) => {
    items += itemsIn(part);
    bytes += bytesOf(part);
    return items > MAX_BATCH || bytes > MAX_BATCH_BYTES;
  });
  return end === -1 ? parts.length : Math.max(1, end);
}

/**
 * Inserts single documents; those of the same turn share one command.
 *
 * The command is unordered: each document is stored or refused independently. Only if the command as a whole fails do
 * all its documents fail, and then it is unknown which are stored.
 */
export class GroupedInserts<Document extends object> {
  private readonly loader = new DataLoader<Document, InsertOutcome>(
    (documents) => this.insertInBatches(documents),
    SAME_TURN,
  );

  constructor(private readonly collection: Collection) {}

  /** Inserts a document, unless a unique index refuses it. */
  insert(document: Document): Promise<InsertOutcome> {
    return this.loader.load(document);
  }

  /** In concurrent commands that keep to the size of one. */
  private async insertInBatches(documents: readonly Document[]): Promise<(InsertOutcome | Error)[]> {
    if (documents.length === 1) return this.insertAll(documents); // nothing to split
    const batches: Promise<(InsertOutcome | Error)[]>[] = [];
    for (let rest = documents; rest.length > 0;) {
      const batch = rest.slice(0, batchLength(rest, mongoose.mongo.BSON.calculateObjectSize));
      rest = rest.slice(batch.length);
      batches.push(this.insertAll(batch).catch((error: unknown) => batch.map(() => error as Error)));
    }
    return (await Promise.all(batches)).flat();
  }

  private async insertAll(documents: readonly Document[]): Promise<(InsertOutcome | Error)[]> {
    const copies = documents.map((document) => ({ ...document })); // the driver adds an _id
    try {
      if (copies.length === 1) await this.collection.insertOne(copies[0] as object);
      else await this.collection.insertMany(copies, { ordered: false });
      return copies.map(() => ({ stored: true }));
    } catch (error) {
      return copies.length === 1 ? [refusalBy(error)] : unorderedOutcomes(error, copies.length);
    }
  }
}

/** The fields that together are a key of a document. */
type Key = Readonly<Record<string, string | number>>;

/** Finds single documents by a unique index; lookups of the same turn share one command. */
export class GroupedFinds<Document extends object> {
  private readonly loader = new DataLoader<Key, Document | null>((keys) => this.findAll(keys), SAME_TURN);

  /**
   * @param fields the fields of the index.
   * @param projection what to find, with those fields; by default all.
   */
  constructor(
    private readonly collection: mongoose.mongo.Collection<Document>,
    private readonly fields: readonly (keyof Document & string)[],
    private readonly projection: object = {},
  ) {}

  find(key: Key): Promise<Document | null> {
    return this.loader.load(key);
  }

  private async findAll(keys: readonly Key[]): Promise<(Document | null)[]> {
    const filter = (keys.length === 1 ? keys[0] : { $or: keys }) as mongoose.mongo.Filter<Document>;
    const textOf = (of: object) => this.fields.map((field) => String(Reflect.get(of, field))).join(' ');
    const found = await this.collection.find(filter, { projection: this.projection }).toArray();
    const byKey = new Map(found.map((document) => [textOf(document), document as Document]));
    return keys.map((key) => byKey.get(textOf(key)) ?? null);
  }
}
