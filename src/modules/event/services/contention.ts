import { LRUCache } from 'lru-cache';

/** Contended sessions that are remembered; one that is forgotten costs its writers some fairness. */
const MAX_REMEMBERED = 10_000;
const HIGHEST_LEVEL = Number(process.env['X_HIGH'] ?? 6);
/** What is left of a level after each batch that was stored. */
const DECAY = Number(process.env['X_DECAY'] ?? 0.8);
/** Below this, nobody else has written for a while. */
const CALM = 0.1;
const FACTOR = Number(process.env['X_FACTOR'] ?? 4);
const LONGEST_REST_MS = 250;

/**
 * How long a process lets others go first in the logs that several processes write to at the same time.
 *
 * Who has just stored a batch knows the tail and needs one round trip for the next. Who lost its place has to look
 * the tail up first and needs two: left alone, it would lose again and again. So every collision raises the session's
 * level, every stored batch lowers it, and after a batch the process rests for a random while in proportion to the
 * level and to what a round trip takes. What arrives meanwhile is stored together, so little is lost by it. Where
 * only one process writes, and with one alone that is always, nobody ever rests.
 */
export class Contention {
  private readonly sessions = new LRUCache<string, { level: number; roundTripMs: number }>({
    max: MAX_REMEMBERED,
  });

  /** Another process has taken the place. */
  noteCollision(sessionId: string): void {
    const { level = 0, roundTripMs = 0 } = this.sessions.get(sessionId) ?? {};
    this.sessions.set(sessionId, { level: Math.min(HIGHEST_LEVEL, level + 1), roundTripMs });
  }

  /** A batch was stored, in one round trip of so many milliseconds. */
  noteStored(sessionId: string, roundTripMs: number): void {
    const level = (this.sessions.get(sessionId)?.level ?? 0) * DECAY;
    if (level >= CALM) this.sessions.set(sessionId, { level, roundTripMs });
    else this.sessions.delete(sessionId);
  }

  /** Milliseconds to rest before the next batch. */
  restBefore(sessionId: string): number {
    const session = this.sessions.get(sessionId);
    if (!session) return 0;
    return Math.min(LONGEST_REST_MS, Math.random() * FACTOR * session.level * session.roundTripMs);
  }
}
