import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { batchLength } from './same-turn.js';

/** The most calls that wait in one lane. Further ones are refused at once, so that a slow store can't fill the memory. */
export const MAX_WAITING = 2000;

/** The items of one call. They are in the same batch, so that none is processed after an earlier one has failed. */
interface Waiting<Item, Result> {
  readonly items: readonly Item[];
  readonly bytes: number;
  /** When they began to wait, by `performance.now()`. */
  readonly since: number;
  readonly resolve: (results: Result[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** How a lane processes its batches. */
export interface LaneWork<Item, Result> {
  /** Processes a batch. @returns the results in the same order; if it fails, all items fail. */
  work(key: string, items: readonly Item[]): Promise<Result[]>;
  /** The size of an item in bytes. */
  bytesOf(item: Item): number;
  /** Milliseconds after which a waiting item is refused, because its client has got a 503 by then. */
  readonly maxWaitMs: number;
}

/**
 * A queue per key that processes one batch at a time. Items that arrive for a key during a batch wait, and share the
 * next one. Different keys do not wait for each other. A lane exists only while it has work.
 */
export class Lanes<Item, Result> {
  private readonly lanes = new Map<string, Waiting<Item, Result>[]>();

  constructor(private readonly laneWork: LaneWork<Item, Result>) {}

  /** How many items wait for an earlier batch. */
  get waiting(): number {
    let count = 0;
    for (const lane of this.lanes.values()) for (const { items } of lane) count += items.length;
    return count;
  }

  /** @throws StoreUnavailableError if the lane is full, or the item has waited too long. */
  async run(key: string, item: Item): Promise<Result> {
    const [result] = await this.runAll(key, [item]);
    return result as Result;
  }

  /**
   * Processes items, `MAX_BATCH` at most, in order and in one batch. Returns their results in the same order.
   *
   * @throws StoreUnavailableError as `run` does, for all of them.
   */
  runAll(key: string, items: readonly Item[]): Promise<Result[]> {
    return new Promise((resolve, reject) => {
      const lane = this.lanes.get(key);
      // The first ones are sent at once, whatever their size.
      const bytes = lane ? items.reduce((sum, item) => sum + this.laneWork.bytesOf(item), 0) : 0;
      const waiting = { items, bytes, since: performance.now(), resolve, reject };
      if (!lane) {
        const opened = [waiting];
        this.lanes.set(key, opened);
        void this.workOff(key, opened);
      } else if (lane.length < MAX_WAITING) lane.push(waiting);
      else reject(new StoreUnavailableError());
    });
  }

  private async workOff(key: string, lane: Waiting<Item, Result>[]): Promise<void> {
    while (lane.length > 0) {
      const length = batchLength(
        lane,
        ({ bytes }) => bytes,
        ({ items }) => items.length,
      );
      const batch = this.inTime(lane.splice(0, length));
      if (batch.length === 0) continue;
      try {
        const results = await this.laneWork.work(
          key,
          batch.flatMap(({ items }) => items),
        );
        let done = 0;
        for (const { items, resolve } of batch) resolve(results.slice(done, (done += items.length)));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.lanes.delete(key);
  }

  private inTime(batch: Waiting<Item, Result>[]): Waiting<Item, Result>[] {
    const oldest = performance.now() - this.laneWork.maxWaitMs;
    return batch.filter(({ since, reject }) => {
      if (since < oldest) reject(new StoreUnavailableError());
      return since >= oldest;
    });
  }
}
