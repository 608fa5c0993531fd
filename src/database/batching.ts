import { calculateObjectSize } from 'bson';
import DataLoader from 'dataloader';
import { type Collection } from 'mongoose';
import { refusalBy, unorderedOutcomes, type InsertOutcome } from './mongo-errors.js';

/** The most items in one command: enough to make the command's own cost small, few enough to meet its deadline. */
export const MAX_BATCH = 100;

/**
 * The most bytes of one command. Only what must not be split may be larger: a document of up to 16 MiB, or the events
 * of one request, which the driver splits into commands of up to 16 MiB (a message has 48 MB at most). A batch of 100
 * ordinary events has some 50 KB, far below this. Large items gain nothing from sharing a command and delay others:
 * writing a command of 4 MB of empty objects took the event loop 340 ms, and checking it took the embedded store as
 * long again.
 */
export const MAX_BATCH_BYTES = 512 * 1024;

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

/** Processes several items at once. Returns each one's result, or its own error, in the same order. */
type Work<Item, Result> = (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;

/**
 * Turns work on many items into a function for one: items of the same turn of the event loop are processed together, in
 * batches. To the driver and to the store, a command costs several times what an item in it costs.
 *
 * Nothing is cached between turns, and equal items are not merged. If the work on a batch fails, all items of that
 * batch fail, and no others.
 *
 * @param bytesOf an item's bytes in a command; leave it out for small items.
 */
export function inSameTurn<Item, Result>(
  work: Work<Item, Result>,
  bytesOf?: (item: Item) => number,
): (item: Item) => Promise<Result> {
  const loader = new DataLoader<Item, Result>(bytesOf ? inBatches(work, bytesOf) : work, {
    cache: false,
    maxBatchSize: MAX_BATCH,
    batchScheduleFn: setImmediate,
  });
  return (item) => loader.load(item);
}

/** The same work, in concurrent batches that keep to the size of one command. */
function inBatches<Item, Result>(
  work: Work<Item, Result>,
  bytesOf: (item: Item) => number,
): Work<Item, Result> {
  return async (items) => {
    if (items.length === 1) return work(items); // nothing to split
    const batches: Promise<readonly (Result | Error)[]>[] = [];
    for (let rest = items; rest.length > 0;) {
      const batch = rest.slice(0, batchLength(rest, bytesOf));
      rest = rest.slice(batch.length);
      batches.push(work(batch).catch((error: unknown) => batch.map(() => asError(error))));
    }
    return (await Promise.all(batches)).flat();
  };
}

/** What was thrown, as an Error, since DataLoader recognises nothing else as one. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}

/**
 * Inserts single documents; those of the same turn share one command.
 *
 * The command is unordered: each document is stored or refused independently. Only if the command as a whole fails do
 * all its documents fail, and then it is unknown which are stored.
 */
export class GroupedInserts<Document extends object> {
  /** Inserts a document, unless a unique index refuses it. */
  readonly insert = inSameTurn(
    (documents: readonly Document[]) => this.insertAll(documents),
    calculateObjectSize,
  );

  constructor(private readonly collection: Collection) {}

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
