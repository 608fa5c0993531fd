import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { RequestLimits } from '../common/http/limits.js';
import { LongRequests } from '../common/http/long-requests.js';
import { StoreCalls } from '../database/store-calls.js';
import { StoreConnection } from '../database/store-connection.js';
import { Shutdown } from './shutdown.js';

/** From the duration of a cached response to the time after which a request is given up, in seconds. */
export const DURATION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * The metrics of `/metrics`. Each application has its own registry instead of prom-client's global one, since tests
 * start several in one process. No label ever contains an id, a URL or anything else that clients choose.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private reading: Promise<string> | undefined;

  constructor(
    store: StoreConnection,
    calls: StoreCalls,
    limits: RequestLimits,
    long: LongRequests,
    shutdown: Shutdown,
  ) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge(
      'conversation_store_ready',
      '1 while the store replies and its indexes are built; 0 otherwise, and while shutting down.',
      () => (store.isReachable && !store.isClosing && !shutdown.hasBegun ? 1 : 0),
    );
    this.gauge('conversation_requests_under_way', 'Requests that are worked on.', () => limits.underWay);
    this.gauge('conversation_followers', 'Requests that stream or wait.', () => long.underWay);
    this.gauge(
      'conversation_under_way_bytes',
      'Bytes of bodies that have arrived, and of responses that are not sent yet.',
      () => limits.bytesUnderWay,
    );
    const durations = new Histogram({
      name: 'conversation_store_operation_duration_seconds',
      help: 'Operations on the store, by the method of the repository; waiting for a connection included.',
      labelNames: ['collection', 'operation', 'outcome'],
      buckets: DURATION_BOUNDS,
      registers: [this.registry],
    });
    calls.onCall((collection, operation, outcome, seconds) => {
      durations.observe({ collection, operation, outcome }, seconds);
    });
  }

  /** All metrics as text. Who asks meanwhile gets the same: writing it takes as long as some ten requests. */
  read(): Promise<string> {
    return (this.reading ??= this.registry.metrics().finally(() => (this.reading = undefined)));
  }

  /** Adds a gauge, whose value is asked for when metrics are requested. */
  gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  /** Adds a counter in the same way; its value must never fall. */
  counter(name: string, help: string, value: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }
}
