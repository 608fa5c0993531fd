import { types } from 'node:util';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { StoreOperations } from '../database/store-operations.js';
import { DurationHistogram, type DurationSeries } from './duration-histogram.js';
import { DURATION_BOUNDS, Metrics } from './metrics.js';

type Operation = (...parameters: unknown[]) => Promise<unknown>;

/**
 * Times the operations of the repositories, by the names they have there.
 *
 * From outside, by putting a timed method in front of each: so the repositories stay free of it. The driver's own
 * command monitoring would tell less (only "find") and cost more: it builds two events with all their documents for
 * every command, here it is two readings of the clock.
 */
@Injectable()
export class StoreMetrics implements OnModuleInit {
  private readonly durations: DurationHistogram<'collection' | 'operation' | 'outcome'>;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    { registry }: Metrics,
  ) {
    this.durations = new DurationHistogram({
      name: 'conversation_store_operation_duration_seconds',
      help: 'Operations on the store, by the method of the repository; waiting for a connection included.',
      labels: ['collection', 'operation', 'outcome'],
      bounds: DURATION_BOUNDS,
      registry,
    });
  }

  onModuleInit(): void {
    for (const { metatype, instance } of this.discovery.getProviders()) {
      if (typeof metatype !== 'function' || typeof instance !== 'object' || instance === null) continue;
      const collection = this.reflector.get(StoreOperations, metatype);
      if (collection) this.timeAll(instance as Record<string, unknown>, collection);
    }
  }

  private timeAll(repository: Record<string, unknown>, collection: string): void {
    const prototype = Object.getPrototypeOf(repository) as object;
    for (const operation of Object.getOwnPropertyNames(prototype)) {
      const method = repository[operation] as Operation;
      // Only async ones: others help to build a query, and to await what they return would send it.
      if (!types.isAsyncFunction(method)) continue;
      const series = (outcome: string) =>
        this.durations.of(`${collection} ${operation} ${outcome}`, () => ({
          collection,
          operation,
          outcome,
        }));
      repository[operation] = timed(method.bind(repository), series('ok'), series('error'));
    }
  }
}

function timed(operation: Operation, succeeded: DurationSeries, failed: DurationSeries): Operation {
  return (...parameters) => {
    const start = performance.now();
    const result = operation(...parameters);
    result.then(
      () => {
        succeeded.record((performance.now() - start) / 1000);
      },
      () => {
        failed.record((performance.now() - start) / 1000);
      },
    );
    return result;
  };
}
