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

/** How often the store is asked. Followers learn of other instances' writes within twice this time. */
const PERIOD_MS = 1000;
/** The most sequences in one query; more take several queries. */
const MAX_PLACES = 1000;

/**
 * Notices what other instances did in the sessions that are followed here.
 *
 * Sequences have no gaps, so there is something after 17 exactly if there is an 18. One query of single index keys
 * asks this for all followed sessions, and another one which of them have ended, however many followers there are.
 * While nobody waits, nothing is asked.
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
