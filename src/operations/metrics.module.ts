import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { RequestMetrics } from './request-metrics.js';
import { StoreMetrics } from './store-metrics.js';

/** What Prometheus asks for. Modules that have numbers of their own add them to the registry of `Metrics`. */
@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [MetricsController],
  providers: [Metrics, RequestMetrics, StoreMetrics],
  exports: [Metrics],
})
export class MetricsModule {}
