import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds. @throws where it does not within `ms`. */
export async function until(holds: () => Promise<boolean> | boolean, ms: number): Promise<void> {
  for (const end = performance.now() + ms; !(await holds()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`It did not come to that within ${ms} ms`);
  }
}
