import { LRUCache } from 'lru-cache';

/** Contended sessions that are remembered; one that is forgotten costs its writers some fairness. */
const MAX_REMEMBERED = 10_000;
const HIGHEST_LEVEL = 6;
/** What is left of a level after each batch that was stored. */
const DECAY = 0.8;
/** Below this, nobody else has written for a while. */
const CALM = 0.1;
/** Round trips to rest for each level, at most. */
const ROUND_TRIPS = 4;
const LONGEST_REST_MS = 250;
/** After so many batches in a row a process rests once even if it has met nobody. */
const IN_A_ROW = 16;

/**
 * How long a process lets others go first in the logs that several processes write to at the same time.
 *
 * Who has just stored a batch knows the tail and needs one round trip for the next. Who lost its place has to look
 * the tail up first and needs two: left alone, it would lose again and again. So every collision raises the session's
 * level, every stored batch lowers it, and after a batch the process rests for a random while in proportion to the
 * level and to what a round trip takes. Who always wins never notices that others wait; so it makes room now and
 * then, and has its collision. What arrives meanwhile is stored together, so little is lost by resting.
 */
export class Contention {
  private readonly levels = new LRUCache<string, number>({ max: MAX_REMEMBERED });
  private roundTripMs = 0;

  /** Another process has taken the place. */
  noteCollision(sessionId: string): void {
    this.levels.set(sessionId, Math.min(HIGHEST_LEVEL, (this.levels.get(sessionId) ?? 0) + 1));
  }

  /** A batch was stored, in one round trip of so many milliseconds. */
  noteStored(sessionId: string, roundTripMs: number): void {
    this.roundTripMs = roundTripMs;
    const before = this.levels.get(sessionId);
    if (before === undefined) return;
    const level = before * DECAY;
    if (level >= CALM) this.levels.set(sessionId, level);
    else this.levels.delete(sessionId);
  }

  /** Milliseconds to rest before the next batch, after so many that followed each other without an idle moment. */
  restBefore(sessionId: string, batchesInARow: number): number {
    const level = this.levels.get(sessionId) ?? (batchesInARow % IN_A_ROW === 0 ? 1 : 0);
    return Math.min(LONGEST_REST_MS, Math.random() * ROUND_TRIPS * level * this.roundTripMs);
  }
}
