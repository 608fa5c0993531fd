import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { type Response } from 'express';
import { AppConfig } from '../../config/load-config.js';
import { Admission } from './admission.js';
import { whenOver } from './connections.js';
import { liftDeadline } from './deadline.js';
import { DomainError } from '../errors/domain-error.js';

/**
 * Requests that take long because they stream or wait for events. They have no deadline and do not count for
 * `maxRequestsUnderWay`, but have a limit of their own.
 */
@Injectable()
export class LongRequests implements BeforeApplicationShutdown {
  private readonly ends = new Set<AbortController>();
  private stopping = false;

  constructor(
    private readonly admission: Admission,
    private readonly config: AppConfig,
  ) {}

  /** How many are under way. */
  get underWay(): number {
    return this.ends.size;
  }

  /**
   * Makes a request a long one.
   *
   * @param quietMs how long the service may send nothing. A client that reads nothing is disconnected after this time
   * plus `sendTimeoutMs`.
   * @returns a signal that the request has to end, because its client has left or the service is stopping.
   * @throws DomainError TOO_MANY_FOLLOWERS
   */
  begin(response: Response, quietMs: number): AbortSignal {
    if (this.underWay >= this.config.maxFollowers) {
      throw new DomainError('TOO_MANY_FOLLOWERS', 'Too many requests stream or wait at the moment', {
        headers: { 'Retry-After': '1' },
      });
    }
    liftDeadline(response);
    this.admission.release(response);
    // The connection's timer in Node runs while no bytes go in either direction, so it detects clients that do not
    // read.
    response.req.socket.setTimeout(quietMs + this.config.sendTimeoutMs);
    const end = new AbortController();
    this.ends.add(end);
    whenOver(response, () => {
      this.ends.delete(end);
      end.abort();
    });
    if (this.stopping) end.abort();
    return end.signal;
  }

  /** Ends them all, since the server waits for its connections to close. The clients reconnect to another instance. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
    for (const end of this.ends) end.abort();
  }
}
