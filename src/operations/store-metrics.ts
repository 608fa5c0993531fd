import { Injectable } from '@nestjs/common';
import { Histogram } from 'prom-client';
import { StoreCalls } from '../database/store-calls.js';
import { DURATION_BOUNDS, Metrics } from './metrics.js';

/** Times the calls to the store by the methods of the repositories. */
@Injectable()
export class StoreMetrics {
  constructor({ registry }: Metrics, calls: StoreCalls) {
    const durations = new Histogram({
      name: 'conversation_store_operation_duration_seconds',
      help: 'Operations on the store, by the method of the repository; waiting for a connection included.',
      labelNames: ['collection', 'operation', 'outcome'],
      buckets: [...DURATION_BOUNDS],
      registers: [registry],
    });
    calls.onCall((collection, operation, outcome, seconds) => {
      durations.observe({ collection, operation, outcome }, seconds);
    });
  }
}
