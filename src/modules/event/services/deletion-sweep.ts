import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AppConfig } from '../../../config/load-config.js';
import { isStoreUnavailable } from '../../../database/mongo-errors.js';
import { StoreConnection } from '../../../database/store-connection.js';
import { DeletionRepository } from '../repositories/deletion.repository.js';
import { DeletionService } from './deletion.service.js';

/** How soon it tries again while the store is away, as it is while the service starts. */
const RETRY_MS = 1000;

/**
 * Completes what deletions leave: once at the start and then every hour, it removes the empty places of sessions that were
 * deleted more than a day ago, and completes deletions whose process has died. Several instances may do the same.
 */
@Injectable()
export class DeletionSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Deletions');
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly deletions: DeletionRepository,
    private readonly service: DeletionService,
    private readonly store: StoreConnection,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.sweepIn(0);
  }

  beforeApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private sweepIn(ms: number): void {
    if (!this.stopped) this.timer = setTimeout(() => void this.sweep(), ms).unref();
  }

  private async sweep(): Promise<void> {
    if (!this.store.isReady) {
      this.sweepIn(RETRY_MS);
      return;
    }
    try {
      for (const { _id, blankedAt } of await this.deletions.findAll()) {
        if (this.stopped) return;
        if (!blankedAt) await this.service.complete(_id);
        else if (blankedAt.getTime() + this.config.ERASE_AFTER_MS < new Date().getTime())
          await this.service.removePlaces(_id);
      }
      this.sweepIn(this.config.ERASE_SWEEP_MS);
    } catch (error) {
      // While the store is away, every request reports it; waiting loses nothing.
      if (!isStoreUnavailable(error)) this.logger.error(error);
      this.sweepIn(RETRY_MS);
    }
  }
}
