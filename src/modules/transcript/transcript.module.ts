import { Module } from '@nestjs/common';
import { EventModule } from '../event/event.module.js';
import { SessionModule } from '../session/session.module.js';
import { TranscriptController } from './controllers/transcript.controller.js';
import { TranscriptService } from './services/transcript.service.js';

/** A session as it is read: with its events. */
@Module({
  imports: [SessionModule, EventModule],
  controllers: [TranscriptController],
  providers: [TranscriptService],
})
export class TranscriptModule {}
