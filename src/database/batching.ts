import { calculateObjectSize } from 'bson';
import DataLoader from 'dataloader';
import { type Collection } from 'mongoose';
import { refusalBy, unorderedOutcomes, type InsertOutcome } from './mongo-errors.js';

/** The most items of one command: enough to make its own cost small, few enough to meet its deadline. */
export const MAX_BATCH = 100;

/**
 * Bytes of one command at most; only what must go together may be larger: a document of up to 16 MiB, or the events of
 * one request, which the driver cuts into commands of up to 16 MiB (a message has 48 MB at most). A batch of 100 ordinary
 * events has some 50 KB and never notices. What is large is not faster together, and keeps others waiting: to write a
 * command of 4 MB of empty objects took the event loop 340 ms, and the embedded store as long again to check it.
 */
export const MAX_BATCH_BYTES = 512 * 1024;

/**
 * How many of the parts, from the first on, go in one command; at least one.
 *
 * @param itemsIn a part, of which some belong together; one, unless told otherwise.
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

/** Work on several items at once: gives each one's result, or its own error, in their order. */
type Work<Item, Result> = (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;

/**
 * Turns work on many items into a function for one: items that are asked for in the same turn of the event loop are
 * worked on together, in batches. To the driver and to the store, a command costs several times what an item in it
 * costs.
 *
 * Nothing is remembered from one turn to the next, and no item is left out for being equal to another. Where the work
 * on a batch fails, the items of that batch fail, and no others.
 *
 * @param bytesOf an item's part of a command; left out where it is small.
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

/** The same work, on batches of no more bytes than go in one command, side by side. */
function inBatches<Item, Result>(
  work: Work<Item, Result>,
  bytesOf: (item: Item) => number,
): Work<Item, Result> {
  return async (items) => {
    if (items.length === 1) return work(items); // nothing to weigh it against
    const batches: Promise<readonly (Result | Error)[]>[] = [];
    for (let rest = items; rest.length > 0;) {
      const batch = rest.slice(0, batchLength(rest, bytesOf));
      rest = rest.slice(batch.length);
      batches.push(work(batch).catch((error: unknown) => batch.map(() => asError(error))));
    }
    return (await Promise.all(batches)).flat();
  };
}

/** What was thrown, as what DataLoader takes for an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}

/**
 * Inserts documents one by one, for its callers, and those of the same turn in one command.
 *
 * The command is unordered: each document is stored or refused by itself. Only where the command as a whole fails do
 * its documents share a fate, which is then known of none.
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
