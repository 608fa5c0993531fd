import { Module } from '@nestjs/common';
import { EventModule } from '../event/event.module.js';
import { ExportController } from './controllers/export.controller.js';
import { TranscriptController } from './controllers/transcript.controller.js';
import { ExportService } from './services/export.service.js';
import { TranscriptService } from './services/transcript.service.js';

/** Sessions read together with their events: a page of them, or all. */
@Module({
  imports: [EventModule],
  controllers: [TranscriptController, ExportController],
  providers: [TranscriptService, ExportService],
})
export class TranscriptModule {}
