import { Injectable } from '@nestjs/common';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { AppConfig } from '../config/load-config.js';

/** How many pages are read at once, as each may take some megabytes of memory and some time of the event loop. */
const AT_ONCE = 32;
/** How many of them may be of one session, or lists of sessions, so that others always find a place. */
const AT_ONCE_PER_KEY = 4;

/** The part of the requests under way that may wait here, so that what needs no page always finds room. */
const MAY_WAIT = 0.75;

interface Waiting {
  readonly since: number;
  readonly begin: () => void;
  readonly giveUp: (reason: unknown) => void;
}

/**
 * Reads pages a few at a time, in turn by session: who asks for many large pages of one session, or for many lists,
 * waits for himself and not others for him.
 */
@Injectable()
export class FairQueue {
  private running = 0;
  private waitingCount = 0;
  private readonly runningOf = new Map<string, number>();
  /** What waits, by key; the key whose turn it is comes first. */
  private readonly waiting = new Map<string, Waiting[]>();

  constructor(private readonly config: AppConfig) {}

  /**
   * Runs work when it is its turn.
   *
   * @throws StoreUnavailableError if it has waited longer than a request may take, or would be one of too many: of one key,
   *   half as many may wait as the others leave.
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.hasRoomFor(key)) this.count(key, 1);
    else await this.turn(key);
    try {
      return await work();
    } finally {
      this.count(key, -1);
      this.beginNext();
    }
  }

  private hasRoomFor(key: string): boolean {
    return this.running < AT_ONCE && (this.runningOf.get(key) ?? 0) < AT_ONCE_PER_KEY;
  }

  /** Waits until `beginNext` has counted this work as running. */
  private turn(key: string): Promise<void> {
    const queue = this.waiting.get(key) ?? [];
    const left = MAY_WAIT * this.config.maxRequestsUnderWay - (this.waitingCount - queue.length);
    if (queue.length >= left / 2) return Promise.reject(new StoreUnavailableError());
    return new Promise((begin, giveUp) => {
      this.waitingCount++;
      queue.push({ since: performance.now(), begin, giveUp });
      this.waiting.set(key, queue);
    });
  }

  private count(key: string, change: 1 | -1): void {
    this.running += change;
    const ofKey = (this.runningOf.get(key) ?? 0) + change;
    if (ofKey === 0) this.runningOf.delete(key);
    else this.runningOf.set(key, ofKey);
  }

  private beginNext(): void {
    for (const [key, queue] of this.waiting) {
      if (!this.hasRoomFor(key)) continue;
      const next = queue.shift();
      this.waiting.delete(key);
      if (queue.length > 0) this.waiting.set(key, queue); // behind the others
      if (!next) continue;
      this.waitingCount--;
      if (performance.now() - next.since <= this.config.storeTimeoutMs) {
        this.count(key, 1);
        next.begin();
        return;
      }
      next.giveUp(new StoreUnavailableError());
    }
  }
}
