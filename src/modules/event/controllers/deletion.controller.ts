import { Controller, Delete, HttpCode, HttpStatus, Param, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StoreGuard } from '../../../database/store.guard.js';
import { ApiErrors } from '../../../common/openapi/api-errors.js';
import { SessionParams } from '../../session/dto/session-params.dto.js';
import { DeletionService } from '../services/deletion.service.js';

@ApiTags('deleting')
@Controller('sessions/:sessionId')
@UseGuards(StoreGuard)
export class DeletionController {
  constructor(private readonly deletions: DeletionService) {}

  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'It is deleted, now or before.' })
  @ApiErrors(
    'VALIDATION_FAILED',
    'BAD_REQUEST',
    'CROSS_ORIGIN_REFUSED',
    'SESSION_NOT_FOUND',
    'STORE_UNAVAILABLE',
  )
  @ApiOperation({
    operationId: 'deleteSession',
    summary: 'Delete a session with all its events',
    description:
      'Permanent, and safe to retry. All later requests for the session get 410 `SESSION_DELETED`, including its creation. Its events leave the store within ten seconds; only its id and the time of deletion stay.',
  })
  async delete(@Param() { sessionId }: SessionParams): Promise<void> {
    await this.deletions.delete(sessionId);
  }
}
