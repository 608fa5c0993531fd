import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { type Response } from 'express';
import { AppConfig } from '../../config/load-config.js';
import { DomainError } from '../errors/domain-error.js';
import { whenOver } from './connections.js';
import { liftDeadline } from './deadline.js';
import { RequestLimits } from './limits.js';

/**
 * Requests that take long because they stream or wait for events. They have no deadline and do not count for
 * `MAX_REQUESTS_UNDER_WAY`, but have a limit of their own.
 */
@Injectable()
export class LongRequests implements BeforeApplicationShutdown {
  /** How many are under way. */
  underWay = 0;
  /** What ends them, for those that would not end by themselves. */
  private readonly endless = new Set<AbortController>();
  private stopping = false;

  constructor(
    private readonly limits: RequestLimits,
    private readonly config: AppConfig,
  ) {}

  /**
   * Makes a request a long one, with `isLong` among the response's locals for the metrics.
   *
   * @param quietMs how long the service may send nothing. A client that reads nothing is disconnected after this time
   * plus `SEND_TIMEOUT_MS`. 0 for a response that ends by itself, such as an export: it may end when the service stops.
   * @returns a signal that the request has to end, because its client has left or the service is stopping.
   * @throws DomainError TOO_MANY_FOLLOWERS
   */
  begin(response: Response, quietMs: number): AbortSignal {
    if (this.underWay >= this.config.MAX_FOLLOWERS) {
      throw new DomainError('TOO_MANY_FOLLOWERS', 'Too many requests stream or wait at the moment', {
        headers: { 'Retry-After': '1' },
      });
    }
    liftDeadline(response);
    this.limits.leave(response);
    // Node's timer of a connection runs while no bytes go in either direction, so it finds clients that do not read.
    response.req.socket.setTimeout(quietMs + this.config.SEND_TIMEOUT_MS);
    const end = new AbortController();
    if (quietMs > 0) this.endless.add(end);
    if (quietMs > 0 && this.stopping) end.abort();
    response.locals['isLong'] = true;
    this.underWay++;
    whenOver(response, () => {
      this.underWay--;
      this.endless.delete(end);
      end.abort();
    });
    return end.signal;
  }

  /** Ends those that would not end by themselves; their clients reconnect to another instance. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
    for (const end of this.endless) end.abort();
  }
}
