import { LRUCache } from 'lru-cache';

/** How many ids are remembered, some 200 bytes each. Most retries come within seconds. */
const MAX_REMEMBERED = 20_000;

/**
 * What this process was recently asked to store. It is only a hint of where to look first: a write may have failed, and a
 * retry may go to another process.
 */
export class RecentIds {
  private readonly keys = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  /** Remembers a write by its ids. @returns whether it was remembered already, so that it is probably stored. */
  note(...ids: readonly string[]): boolean {
    const key = ids.join(' '); // no id holds a space
    const known = this.keys.has(key);
    this.keys.set(key, true);
    return known;
  }
}
