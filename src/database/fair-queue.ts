import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import pLimit, { type LimitFunction } from 'p-limit';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { AppConfig } from '../config/load-config.js';

/** How many pages are read at once, as each may take some megabytes of memory and some time of the event loop. */
const AT_ONCE = 32;
/** How many of them, and of those that wait for their turn, may be of one session, or lists of sessions. */
const AT_ONCE_PER_KEY = 4;
/** The part of the requests under way that may wait here, so that what needs no page always finds room. */
const MAY_WAIT = 0.75;
/** How many keys have a limit of their own; of more, those that were used longest ago begin anew. */
const MAX_KEYS = 10_000;

/**
 * Reads pages a few at a time, in turn by session: who asks for many large pages of one session, or for many lists,
 * waits for himself and not others for him.
 */
@Injectable()
export class FairQueue {
  private waiting = 0;
  private readonly all = pLimit(AT_ONCE);
  private readonly byKey = new LRUCache<string, LimitFunction>({
    maxSize: MAX_KEYS,
    sizeCalculation: () => 1,
    memoMethod: () => pLimit(AT_ONCE_PER_KEY),
  });

  constructor(private readonly config: AppConfig) {}

  /**
   * Runs work when it is its turn.
   *
   * @throws StoreUnavailableError if it has waited longer than a request may take, or would be one of too many: of one key,
   * half as many may wait as the others leave.
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const since = performance.now();
    const ofKey = this.byKey.memo(key);
    const left = MAY_WAIT * this.config.MAX_REQUESTS_UNDER_WAY - (this.waiting - ofKey.pendingCount);
    if (ofKey.pendingCount > 0 && ofKey.pendingCount >= left / 2) throw new StoreUnavailableError();
    this.waiting++;
    return ofKey(() =>
      this.all(() => {
        this.waiting--;
        if (performance.now() - since > this.config.STORE_TIMEOUT_MS) throw new StoreUnavailableError();
        return work();
      }),
    );
  }
}
