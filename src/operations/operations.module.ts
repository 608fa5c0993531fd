import { Global, Module } from '@nestjs/common';
import { RequestLimits } from '../common/http/limits.js';
import { LongRequests } from '../common/http/long-requests.js';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';
import { RequestMetrics } from './request-metrics.js';
import { Shutdown } from './shutdown.js';

/** For operators: probes, metrics, limits and the entry page. Other modules add their own metrics to `Metrics`. */
@Global()
@Module({
  controllers: [OperationsController],
  providers: [RequestLimits, LongRequests, Shutdown, Metrics, RequestMetrics],
  exports: [RequestLimits, LongRequests, Metrics],
})
export class OperationsModule {}
