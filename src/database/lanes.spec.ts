import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { Lanes, MAX_WAITING } from './lanes.js';

interface Batch {
  readonly key: string;
  readonly items: readonly number[];
  /** Ends the work on the batch: each item's result is the item and its key. */
  finish(): void;
  fail(error: unknown): void;
}

/** Lanes whose work waits until the test ends it. */
function controlledLanes({ maxWaitMs = 60_000, bytes = 1 } = {}) {
  const batches: Batch[] = [];
  const lanes = new Lanes<number, string>({
    work: (key, items) =>
      new Promise((resolve, reject) => {
        batches.push({
          key,
          items,
          finish: () => {
            resolve(items.map((item) => `${key}${item}`));
          },
          fail: reject,
        });
      }),
    bytesOf: () => bytes,
    maxWaitMs,
  });
  return { lanes, batches };
}

/** Lets all pending callbacks run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('Lanes', () => {
  it('keeps what arrives meanwhile for the next batch, in order', async () => {
    const { lanes, batches } = controlledLanes();
    const results = [1, 2, 3].map((item) => lanes.run('a', item));
    await settle();
    expect(batches).toHaveLength(1);

    batches[0]?.finish();
    await settle();
    batches[1]?.finish();

    expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    expect(await Promise.all(results)).toEqual(['a1', 'a2', 'a3']);
  });

  it('fails only the batch whose work failed', async () => {
    const { lanes, batches } = controlledLanes();
    const error = new Error('away');
    const results = Promise.allSettled([1, 2, 3].map((item) => lanes.run('a', item)));
    batches[0]?.finish();
    await settle();
    const last = lanes.run('a', 4);
    batches[1]?.fail(error);
    await settle();
    batches[2]?.finish();

    expect(await last).toBe('a4');
    expect(await results).toEqual([
      { status: 'fulfilled', value: 'a1' },
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
  });

  it('refuses items at once if the lane is full, and accepts more when there is room', async () => {
    const { lanes, batches } = controlledLanes();
    void lanes.run('a', 0);
    await settle();
    const waiting = numbers(MAX_WAITING).map((item) => lanes.run('a', item));

    await expect(lanes.run('a', -1)).rejects.toBeInstanceOf(StoreUnavailableError);
    void lanes.run('b', 1); // another lane is not full
    batches[0]?.finish();
    await settle();
    const more = lanes.run('a', 1);
    for (let done = 1; done < batches.length; done++) {
      batches[done]?.finish();
      await settle();
    }

    expect(await Promise.all(waiting)).toHaveLength(MAX_WAITING);
    expect(await more).toBe('a1');
  });

  it('refuses what has waited too long, and does the rest', async () => {
    const { lanes, batches } = controlledLanes({ maxWaitMs: 30 });
    void lanes.run('a', 1);
    const refused = lanes.run('a', 2).catch((error: unknown) => error);
    await sleep(50);
    const recent = lanes.run('a', 3);
    batches[0]?.finish();
    expect(await refused).toBeInstanceOf(StoreUnavailableError);
    batches[1]?.finish();

    expect(await recent).toBe('a3');
    expect(batches.map(({ items }) => items)).toEqual([[1], [3]]);
  });
});
