import { LRUCache } from 'lru-cache';

/** What the log of this process has come to since it started. It only counts: nothing is decided by it. */
export class LogCounts {
  /** Appends that found their place in the log taken by another process. */
  collisions = 0;
  /** Events stored in sessions that this process knew had ended. Another process may have ended more. */
  lateEvents = 0;
  private readonly ended: LRUCache<string, true>;

  constructor(rememberedSessions: number) {
    this.ended = new LRUCache({ max: rememberedSessions });
  }

  /** Takes note that a session has ended: what is stored in it from here on is late. */
  noteEnd(sessionId: string): void {
    this.ended.set(sessionId, true);
  }

  noteStored(sessionId: string, count: number): void {
    if (this.ended.has(sessionId)) this.lateEvents += count;
  }
}
