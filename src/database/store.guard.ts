import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { setDeadline } from '../http/deadline.js';
import { StoreUnavailableError } from '../http/domain-error.js';
import { AppConfig } from '../config/load-config.js';
import { StoreConnection } from './store-connection.js';

/**
 * Lets no request through to a store that is not ready: without its unique indexes nothing would decide a race.
 *
 * Those it lets through are answered in time, with 503 at the latest: each operation of the store is bounded by itself,
 * but a request may need several, and may wait its turn first.
 */
@Injectable()
export class StoreGuard implements CanActivate {
  constructor(
    private readonly store: StoreConnection,
    private readonly config: AppConfig,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (!this.store.isReady) throw new StoreUnavailableError();
    const http = context.switchToHttp();
    setDeadline(http.getResponse(), http.getNext(), this.config.storeTimeoutMs);
    return true;
  }
}
