import { LRUCache } from 'lru-cache';

/** How many contended sessions are remembered. Forgetting one costs its writers some fairness. */
const MAX_REMEMBERED = 10_000;
const HIGHEST_LEVEL = 6;
/** The factor by which each stored batch lowers the level. */
const DECAY = 0.8;
/** Below this level, no other process has written for a while. */
const CALM = 0.1;
/** The longest pause per level, in round trips. */
const ROUND_TRIPS = 4;
const LONGEST_REST_MS = 250;
/** After this many batches in a row, a process pauses once even without a collision. */
const IN_A_ROW = 16;

/**
 * How long a process pauses for others in logs that several processes write to at the same time.
 *
 * A process that has just stored a batch knows the tail and needs one round trip for the next. One that lost its
 * place must read the tail first and needs two, so it would lose again and again. Therefore every collision raises
 * the session's level, every stored batch lowers it, and after a batch the process pauses for a random time, in
 * proportion to the level and to the length of a round trip. A process that always wins never notices that others
 * wait, so it pauses now and then in any case. Appends that arrive during a pause are stored together, so little is
 * lost.
 */
export class Contention {
  private readonly levels = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  private roundTripMs = 0;

  /** Another process has taken the place. */
  noteCollision(sessionId: string): void {
    this.levels.set(sessionId, Math.min(HIGHEST_LEVEL, (this.levels.get(sessionId) ?? 0) + 1));
  }

  /** A batch was stored in one round trip of this length in milliseconds. */
  noteStored(sessionId: string, roundTripMs: number): void {
    this.roundTripMs = roundTripMs;
    const before = this.levels.get(sessionId);
    if (before === undefined) return;
    const level = before * DECAY;
    if (level >= CALM) this.levels.set(sessionId, level);
    else this.levels.delete(sessionId);
  }

  /** Milliseconds to pause before the next batch, after this many batches in a row. */
  restBefore(sessionId: string, batchesInARow: number): number {
    const level = this.levels.get(sessionId) ?? (batchesInARow % IN_A_ROW === 0 ? 1 : 0);
    return Math.min(LONGEST_REST_MS, Math.random() * ROUND_TRIPS * level * this.roundTripMs);
  }
}
