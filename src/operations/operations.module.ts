import { Global, Module } from '@nestjs/common';
import { RequestLimits } from '../common/http/limits.js';
import { LongRequests } from '../common/http/long-requests.js';
import { HealthController } from './health.controller.js';
import { HomeController } from './home.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { RequestMetrics } from './request-metrics.js';
import { Shutdown } from './shutdown.js';
import { StoreMetrics } from './store-metrics.js';

/** For operators: probes, metrics, limits and the entry page. Other modules add their own metrics to `Metrics`. */
@Global()
@Module({
  controllers: [HealthController, MetricsController, HomeController],
  providers: [RequestLimits, LongRequests, Shutdown, Metrics, RequestMetrics, StoreMetrics],
  exports: [RequestLimits, LongRequests, Metrics],
})
export class OperationsModule {}
