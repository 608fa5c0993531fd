import { LRUCache } from 'lru-cache';

/** Counters of the log since this process started. They serve metrics only. */
export class LogCounts {
  /** Appends that found their place in the log taken by another process. */
  collisions = 0;
  /** Events stored in sessions that this process knew had ended. Another process may have ended more. */
  lateEvents = 0;
  private readonly ended: LRUCache<string, true>;

  constructor(rememberedSessions: number) {
    this.ended = new LRUCache({ maxSize: rememberedSessions, sizeCalculation: () => 1 });
  }

  /** Notes that a session has ended: events stored from now on are late. */
  noteEnd(sessionId: string): void {
    this.ended.set(sessionId, true);
  }

  noteStored(sessionId: string, count: number): void {
    if (this.ended.has(sessionId)) this.lateEvents += count;
  }
}
