import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { ApiErrors } from '../common/openapi/api-errors.js';
import { Metrics } from './metrics.js';

@ApiTags('operations')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  @ApiOperation({ operationId: 'readMetrics', summary: 'How it is doing, for Prometheus' })
  @ApiErrors()
  @ApiOkResponse({
    description: 'Prometheus text format; docs/operations.md explains each metric.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  async read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
