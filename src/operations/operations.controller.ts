import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { ApiErrors, ApiProbeErrors } from '../common/openapi/api-errors.js';
import { headers } from '../common/openapi/headers.js';
import { about } from '../config/about.js';
import { limits } from '../config/config.js';
import { StoreConnection } from '../database/store-connection.js';
import { Metrics } from './metrics.js';
import { Shutdown } from './shutdown.js';

const ABOUT = {
  name: about.name,
  version: about.version,
  docs: '/docs',
  /** The keys of metadata that sessions can be filtered by. */
  metadataFilterKeys: limits.METADATA_FILTER_KEYS,
};

const EXAMPLE = { ...ABOUT, metadataFilterKeys: ['caller', 'queue'] };

const HEALTH = { status: 'ok' };

/** For operators and their programs. */
@ApiTags('operations')
@Controller()
export class OperationsController {
  constructor(
    private readonly store: StoreConnection,
    private readonly shutdown: Shutdown,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  @ApiErrors()
  @ApiOperation({ summary: 'What this is, and where to go from here' })
  @ApiOkResponse({ schema: { type: 'object', example: EXAMPLE }, headers: headers('Vary') })
  home(): typeof ABOUT {
    return ABOUT;
  }

  @Get('health/live')
  @ApiProbeErrors()
  @ApiOperation({ summary: 'Does the process answer?' })
  @ApiOkResponse({ schema: { type: 'object', example: HEALTH }, description: 'It does.' })
  live(): typeof HEALTH {
    return HEALTH;
  }

  @Get('health/ready')
  @ApiProbeErrors('STORE_UNAVAILABLE')
  @ApiOperation({
    summary: 'Can it serve? Makes a round trip to the store.',
    description: '503 until the store is connected, while it is unreachable, and during shutdown.',
  })
  @ApiOkResponse({ schema: { type: 'object', example: HEALTH }, description: 'It can.' })
  async ready(): Promise<typeof HEALTH> {
    if (this.shutdown.hasBegun) throw new StoreUnavailableError();
    await this.store.ping();
    return HEALTH;
  }

  @Get('metrics')
  @Header('Content-Type', Registry.PROMETHEUS_CONTENT_TYPE)
  @ApiErrors()
  @ApiOperation({ summary: 'How it is doing, for Prometheus' })
  @ApiOkResponse({
    description: 'Prometheus text format; docs/operations.md explains each metric.',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  readMetrics(): Promise<string> {
    return this.metrics.read();
  }
}
