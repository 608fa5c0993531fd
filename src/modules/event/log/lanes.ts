import { setTimeout as sleep } from 'node:timers/promises';
import { batchLength } from '../../../database/batching.js';
import { StoreUnavailableError } from '../../../http/domain-error.js';

/** Items that wait in one lane at most. One more is refused at once, so that a slow store can't fill the memory. */
export const MAX_WAITING = 2000;
/** Bytes of them at most: what a store that takes 15 MB/s gets done before the last of them has waited too long. */
export const MAX_WAITING_BYTES = 32 * 1024 * 1024;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  /** When it began to wait, by `performance.now()`. */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

interface Lane<Item, Result> {
  readonly waiting: Waiting<Item, Result>[];
  bytes: number;
}

/** What a lane does its batches with. */
export interface LaneWork<Item, Result> {
  /** Does the items of a batch, and gives their results in the same order; if it fails, all of them fail. */
  work(key: string, items: readonly Item[]): Promise<Result[]>;
  /** An item's part of a batch, in bytes. */
  bytesOf(item: Item): number;
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
  private readonly lanes = new Map<string, Lane<Item, Result>>();

  constructor(private readonly laneWork: LaneWork<Item, Result>) {}

  /** How many items wait for the batch before theirs. */
  get waiting(): number {
    let count = 0;
    for (const { waiting } of this.lanes.values()) count += waiting.length;
    return count;
  }

  /** @throws StoreUnavailableError where the lane is full, or the item has waited too long. */
  run(key: string, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const lane = this.lanes.get(key);
      const bytes = lane ? this.laneWork.bytesOf(item) : 0; // the first goes at once, whatever its size
      const waiting = { item, bytes, since: performance.now(), resolve, reject };
      if (!lane) {
        const opened = { waiting: [waiting], bytes };
        this.lanes.set(key, opened);
        void this.workOff(key, opened);
      } else if (lane.waiting.length < MAX_WAITING && lane.bytes + bytes <= MAX_WAITING_BYTES) {
        lane.waiting.push(waiting);
        lane.bytes += bytes;
      } else {
        reject(new StoreUnavailableError());
      }
    });
  }

  private async workOff(key: string, lane: Lane<Item, Result>): Promise<void> {
    for (let batches = 1; lane.waiting.length > 0; batches++) {
      const next = lane.waiting.splice(
        0,
        batchLength(lane.waiting, ({ bytes }) => bytes),
      );
      for (const { bytes } of next) lane.bytes -= bytes;
      const batch = this.inTime(next);
      if (batch.length === 0) continue;
      try {
        const items = batch.map(({ item }) => item);
        const results = await this.laneWork.work(key, items);
        batch.forEach(({ resolve }, index) => {
          resolve(results[index] as Result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      const restMs = this.laneWork.restBefore(key, batches);
      if (restMs > 0) await sleep(restMs);
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
