import { LRUCache } from 'lru-cache';

/** How many appends are remembered, some 200 bytes each. Most retries come within seconds. */
const MAX_REMEMBERED = 20_000;

/**
 * The events that this process was recently asked to store. They are only a hint of where to look first: an append
 * may have failed, and a retry may go to another process.
 */
export class RecentAppends {
  private readonly keys = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  /** Remembers an append. @returns whether it was remembered already, so that the event is probably stored. */
  note(sessionId: string, eventId: string): boolean {
    const key = `${sessionId} ${eventId}`; // no id holds a space
    const known = this.keys.has(key);
    this.keys.set(key, true);
    return known;
  }
}
