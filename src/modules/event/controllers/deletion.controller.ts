import { Controller, Delete, HttpCode, HttpStatus, Param, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { StoreGuard } from '../../../database/store.guard.js';
import { ApiErrors } from '../../../openapi/api-errors.js';
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
      'For ever, and safe to retry. From then on everything about it is answered with 410 `SESSION_DELETED`, also its creation. Its events leave the store within ten seconds; what stays is its id and when it was deleted.',
  })
  async delete(@Param() { sessionId }: SessionParams): Promise<void> {
    await this.deletions.delete(sessionId);
  }
}
