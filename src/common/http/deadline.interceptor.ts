import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { throwError, timeout, type Observable } from 'rxjs';
import { AppConfig } from '../../config/load-config.js';
import { StoreUnavailableError } from '../errors/domain-error.js';

/**
 * Answers 503 when a handler has not finished in time: each operation of the store is bounded by itself, but a
 * request may need several, and may wait its turn first. What it was about may still be done; it is safe to retry.
 */
@Injectable()
export class DeadlineInterceptor implements NestInterceptor {
  constructor(private readonly config: AppConfig) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout({
        first: this.config.storeTimeoutMs,
        with: () => throwError(() => new StoreUnavailableError()),
      }),
    );
  }
}
