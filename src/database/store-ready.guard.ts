import { Injectable, type CanActivate } from '@nestjs/common';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { Store } from './store.js';

/** Lets no request through to a store that is not ready: without its unique indexes nothing would decide a race. */
@Injectable()
export class StoreReadyGuard implements CanActivate {
  constructor(private readonly store: Store) {}

  canActivate(): boolean {
    if (!this.store.isReady) throw new StoreUnavailableError();
    return true;
  }
}
