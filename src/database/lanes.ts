import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../http/domain-error.js';

/** Items stored together at most: enough to fill a busy lane's round trips, few enough to stay one message. */
export const MAX_BATCH = 100;

/** Items that wait in one lane at most. One more is refused at once, so that a slow store can't fill the memory. */
export const MAX_WAITING = 2000;

interface Waiting<Item, Result> {
  readonly item: Item;
  /** When it began to wait, by `performance.now()`. */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** What a lane does its batches with. */
export interface LaneWork<Item, Result> {
  /** Does the items of a batch, and gives their results in the same order; if it fails, all of them fail. */
  work(key: string, items: readonly Item[]): Promise<Result[]>;
  /**
   * Milliseconds that a lane rests before its next batch; the results of the one before are out by then.
   *
   * @param batchesInARow that it has worked off since it was empty.
   */
  restBefore(key: string, batchesInARow: number): number;
  /** Milliseconds after which an item is refused instead of done: whoever sent it has been told so long ago. */
  readonly maxWaitMs: number;
}

/**
 * A queue per key, worked off one batch at a time: what comes for a key while a batch is under way waits, and goes
 * together in the next. Different keys do not wait for each other. A lane exists only while it has work.
 */
export class Lanes<Item, Result> {
  private readonly lanes = new Map<string, Waiting<Item, Result>[]>();

  constructor(private readonly does: LaneWork<Item, Result>) {}

  /** How many items wait for the batch before theirs. */
  get waiting(): number {
    let count = 0;
    for (const lane of this.lanes.values()) count += lane.length;
    return count;
  }

  /** @throws StoreUnavailableError where the lane is full, or the item has waited too long. */
  run(key: string, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const lane = this.lanes.get(key);
      const waiting = { item, since: performance.now(), resolve, reject };
      if (!lane) {
        this.lanes.set(key, [waiting]);
        void this.workOff(key);
      } else if (lane.length < MAX_WAITING) {
        lane.push(waiting);
      } else {
        reject(new StoreUnavailableError());
      }
    });
  }

  private async workOff(key: string): Promise<void> {
    for (let lane = this.lanes.get(key), batches = 1; lane && lane.length > 0; batches++) {
      const batch = this.inTime(lane.splice(0, MAX_BATCH));
      if (batch.length === 0) continue;
      try {
        const items = batch.map(({ item }) => item);
        const results = await this.does.work(key, items);
        batch.forEach(({ resolve }, index) => {
          resolve(results[index] as Result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      const restMs = this.does.restBefore(key, batches);
      if (restMs > 0) await sleep(restMs);
    }
    this.lanes.delete(key);
  }

  private inTime(batch: Waiting<Item, Result>[]): Waiting<Item, Result>[] {
    const oldest = performance.now() - this.does.maxWaitMs;
    return batch.filter(({ since, reject }) => {
      if (since < oldest) reject(new StoreUnavailableError());
      return since >= oldest;
    });
  }
}
