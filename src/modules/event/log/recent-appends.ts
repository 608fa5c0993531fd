import { LRUCache } from 'lru-cache';

/** Appends that are remembered: those of the last seconds, in which most retries come. Some 200 bytes each. */
const MAX_REMEMBERED = 20_000;

/**
 * Which events this process was lately asked to store. Only a hint of where to look first: it says nothing about what
 * became of them, and a retry may come to another process.
 */
export class RecentAppends {
  private readonly keys = new LRUCache<string, true>({ max: MAX_REMEMBERED });

  /** Takes note of an append. @returns whether it is remembered from before, so that the event is probably stored. */
  note(sessionId: string, eventId: string): boolean {
    const key = `${sessionId} ${eventId}`; // no id holds a space
    const known = this.keys.has(key);
    this.keys.set(key, true);
    return known;
  }
}
