import { Global, Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HomeController } from './home.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { RequestMetrics } from './request-metrics.js';
import { StoreMetrics } from './store-metrics.js';

/** For operators: probes, metrics and the entry page. Other modules add their own metrics to `Metrics`. */
@Global()
@Module({
  controllers: [HealthController, MetricsController, HomeController],
  providers: [Metrics, RequestMetrics, StoreMetrics],
  exports: [Metrics],
})
export class OperationsModule {}
