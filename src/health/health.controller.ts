import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { Store } from '../database/store.js';
import { HealthResponse } from './health-response.dto.js';

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(private readonly store: Store) {}

  @Get('live')
  @ApiOperation({ summary: 'Does the process answer?' })
  @ApiOkResponse({ type: HealthResponse })
  live(): HealthResponse {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Can it serve? Makes a round trip to the store.' })
  @ApiOkResponse({ type: HealthResponse })
  async ready(): Promise<HealthResponse> {
    return this.store.ping().then(
      () => ({ status: 'ok' }),
      (error: unknown) => {
        throw new StoreUnavailableError(error);
      },
    );
  }
}
