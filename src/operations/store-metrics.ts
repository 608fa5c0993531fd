import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { Histogram } from 'prom-client';
import { wrapOperations, type Operation } from '../database/store-operations.js';
import { DURATION_BOUNDS, Metrics } from './metrics.js';

/**
 * Times the operations of the repositories by their names: every method except the `#private` ones.
 *
 * It wraps each method from outside, so that the repositories need no code for it. The driver's own command monitoring
 * would show less (only "find") and cost more: it builds two events with all their documents for every command; this
 * reads the clock twice.
 */
@Injectable()
export class StoreMetrics implements OnModuleInit {
  private readonly durations: Histogram<'collection' | 'operation' | 'outcome'>;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    { registry }: Metrics,
  ) {
    this.durations = new Histogram({
      name: 'conversation_store_operation_duration_seconds',
      help: 'Operations on the store, by the method of the repository; waiting for a connection included.',
      labelNames: ['collection', 'operation', 'outcome'],
      buckets: [...DURATION_BOUNDS],
      registers: [registry],
    });
  }

  onModuleInit(): void {
    wrapOperations(this.discovery, this.reflector, (method, collection, operation) =>
      timed(method, (outcome, seconds) => {
        this.durations.observe({ collection, operation, outcome }, seconds);
      }),
    );
  }
}

function timed(operation: Operation, record: (outcome: 'ok' | 'error', seconds: number) => void): Operation {
  return async (...parameters) => {
    const start = performance.now();
    let outcome: 'ok' | 'error' = 'error';
    try {
      const result = await operation(...parameters);
      outcome = 'ok';
      return result;
    } finally {
      record(outcome, (performance.now() - start) / 1000);
    }
  };
}
