import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds. @throws where it does not within `ms`. */
export async function until(holds: () => Promise<boolean> | boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come to that within ${ms} ms`);
    await sleep(20);
  }
}
