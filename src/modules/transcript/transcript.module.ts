import { Module } from '@nestjs/common';
import { EventModule } from '../event/event.module.js';
import { SessionModule } from '../session/session.module.js';
import { TranscriptController } from './controllers/transcript.controller.js';
import { ExportService } from './services/export.service.js';
import { TranscriptService } from './services/transcript.service.js';
import { TurnReader } from './services/turn-reader.js';

/** Sessions read together with their events: a page of them, or all. */
@Module({
  imports: [EventModule, SessionModule],
  controllers: [TranscriptController],
  providers: [TranscriptService, ExportService, TurnReader],
})
export class TranscriptModule {}
