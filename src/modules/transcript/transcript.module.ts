import { Module } from '@nestjs/common';
import { EventModule } from '../event/event.module.js';
import { TranscriptController } from './controllers/transcript.controller.js';
import { TranscriptService } from './services/transcript.service.js';

/** A session as it is read: with its events. */
@Module({
  imports: [EventModule],
  controllers: [TranscriptController],
  providers: [TranscriptService],
})
export class TranscriptModule {}
