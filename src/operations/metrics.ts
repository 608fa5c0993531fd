import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { AppConfig } from '../config/load-config.js';
import { RequestLimits } from '../common/http/limits.js';
import { LongRequests } from '../common/http/long-requests.js';
import { StoreConnection } from '../database/store-connection.js';
import { Shutdown } from './shutdown.js';
import { about } from '../config/about.js';

/** From the duration of a cached response to the time after which a request is given up, in seconds. */
export const DURATION_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Gauges of prom-client that have names of counters, and are sums of its other gauges. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/**
 * The metrics of `/metrics`. Each application has its own registry instead of prom-client's global one, since tests
 * start several in one process. No label ever contains an id, a URL or anything else that clients choose.
 */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  constructor(
    store: StoreConnection,
    limits: RequestLimits,
    long: LongRequests,
    shutdown: Shutdown,
    config: AppConfig,
  ) {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
    new Gauge({
      name: 'conversation_build_info',
      help: 'Always 1; its label tells the version that runs.',
      labelNames: ['version'],
      registers: [this.registry],
    }).set({ version: about.version }, 1);
    this.gauge(
      'conversation_store_ready',
      '1 while the store replies and its indexes are built; 0 otherwise, and while shutting down.',
      () => (store.isReachable && !store.isClosing && !shutdown.hasBegun ? 1 : 0),
    );
    this.gauge(
      'conversation_requests_under_way',
      'Requests about sessions that are worked on.',
      () => limits.underWay,
    );
    this.gauge(
      'conversation_requests_under_way_limit',
      'MAX_REQUESTS_UNDER_WAY: beyond it, requests are refused.',
      () => config.maxRequestsUnderWay,
    );
    this.gauge(
      'conversation_under_way_limit_bytes',
      'MAX_BYTES_UNDER_WAY: near it, large requests are refused.',
      () => config.maxBytesUnderWay,
    );
    this.gauge(
      'conversation_followers',
      'Requests that stream or wait for something to happen.',
      () => long.underWay,
    );
    this.gauge(
      'conversation_followers_limit',
      'MAX_FOLLOWERS: beyond it, such requests are refused.',
      () => config.maxFollowers,
    );
    this.gauge(
      'conversation_under_way_bytes',
      'Bytes of bodies that have arrived, and of responses that are not sent yet.',
      () => limits.bytesUnderWay,
    );
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
