import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { ApiProbeErrors } from '../common/openapi/api-errors.js';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { StoreConnection } from '../database/store-connection.js';
import { Shutdown } from './shutdown.js';

@ApiSchema({ name: 'Health' })
class HealthResponse {
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  readonly status!: 'ok';
}

/** Health probes for operators. */
@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(
    private readonly store: StoreConnection,
    private readonly shutdown: Shutdown,
  ) {}

  @Get('live')
  @ApiProbeErrors()
  @ApiOperation({ operationId: 'live', summary: 'Does the process answer?' })
  @ApiOkResponse({ type: HealthResponse, description: 'It does.' })
  live(): HealthResponse {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiProbeErrors('STORE_UNAVAILABLE')
  @ApiOperation({
    operationId: 'ready',
    summary: 'Can it serve? Makes a round trip to the store.',
    description: '503 until the store is connected, while it is unreachable, and during shutdown.',
  })
  @ApiOkResponse({ type: HealthResponse, description: 'It can.' })
  async ready(): Promise<HealthResponse> {
    if (this.shutdown.hasBegun) throw new StoreUnavailableError();
    return this.store.ping().then(
      () => ({ status: 'ok' }),
      (error: unknown) => {
        throw new StoreUnavailableError(error);
      },
    );
  }
}
