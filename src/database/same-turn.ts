import DataLoader from 'dataloader';

/** Items that go together at most; more are worked on in several groups, side by side. */
const MAX_GROUP = 100;

/**
 * Turns work on many items into a function for one: items that are asked for in the same turn of the event loop are
 * worked on together. To the driver and to the store, a command costs several times what an item in it costs.
 *
 * Nothing is remembered from one turn to the next, and no item is left out for being equal to another.
 *
 * @param work gives each item's result, or its own error, in the order of the items; if it fails, all of them fail.
 */
export function inSameTurn<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
): (item: Item) => Promise<Result> {
  const loader = new DataLoader<Item, Result>(work, {
    cache: false,
    maxBatchSize: MAX_GROUP,
    batchScheduleFn: setImmediate,
  });
  return (item) => loader.load(item);
}
