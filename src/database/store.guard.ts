import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { setDeadline } from '../common/http/deadline.js';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { AppConfig } from '../config/load-config.js';
import { StoreConnection } from './store-connection.js';

/**
 * Refuses requests while the store is not ready, since without its unique indexes nothing would decide a race.
 *
 * Sets the deadline of the others, at which they are answered with 503: each operation on the store has its own limit,
 * but a request may need several, and may have to wait for its turn.
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
    setDeadline(http.getResponse(), http.getNext(), this.config.STORE_TIMEOUT_MS);
    return true;
  }
}
