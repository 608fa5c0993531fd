import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { isStoreUnavailable } from '../../../database/mongo-errors.js';
import { SessionService } from '../../session/services/session.service.js';
import { EventRepository } from '../repositories/event.repository.js';
import { LogNews, type AwaitedPlace } from './log-news.js';

/** How often the store is asked: what other instances did is told within twice as long. */
const PERIOD_MS = 1000;
/** Places in one query; more are asked for in several. */
const MAX_PLACES = 1000;

/**
 * Notices what other instances did in the sessions that are followed here. Sequences have no gaps, so whether there is
 * more behind 17 is whether there is an 18: one query of single index keys for all of them, and one for those that have
 * ended, however many followers there are. While nobody waits, nothing is asked.
 */
@Injectable()
export class StoreWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Following');
  private readonly stop = new AbortController();

  constructor(
    private readonly news: LogNews,
    private readonly events: EventRepository,
    private readonly sessions: SessionService,
  ) {}

  onApplicationBootstrap(): void {
    void this.watch();
  }

  beforeApplicationShutdown(): void {
    this.stop.abort();
  }

  private async watch(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      // A store that is away is asked again: whatever happened meanwhile, it will tell then.
      await this.look().catch((error: unknown) => {
        if (!isStoreUnavailable(error)) this.logger.error(error);
      });
      await sleep(PERIOD_MS, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const awaited = this.news.awaited();
    for (let start = 0; start < awaited.length; start += MAX_PLACES) {
      await this.lookAt(awaited.slice(start, start + MAX_PLACES));
    }
  }

  private async lookAt(places: readonly AwaitedPlace[]): Promise<void> {
    const followed = [...new Set(places.map(({ sessionId }) => sessionId))];
    const [grown, ended] = await Promise.all([
      this.events.findSessionsWith(places),
      this.sessions.findEnded(followed),
    ]);
    for (const sessionId of new Set([...grown, ...ended])) this.news.tell(sessionId);
  }
}
