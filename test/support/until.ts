import { setTimeout as sleep } from 'node:timers/promises';

/** How long until it is asked again: a tenth of what was waited already, and between these. */
const FIRST_MS = 20;
const LAST_MS = 250;

/** Waits until something holds. @throws where it does not within `ms`. */
export async function until(holds: () => Promise<boolean> | boolean, ms: number): Promise<void> {
  const start = performance.now();
  while (!(await holds())) {
    const waited = performance.now() - start;
    if (waited > ms) throw new Error(`It did not come to that within ${ms} ms`);
    await sleep(Math.min(LAST_MS, Math.max(FIRST_MS, waited / 10)));
  }
}
