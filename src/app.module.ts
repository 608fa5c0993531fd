import { Module } from '@nestjs/common';
import { ConfigModule } from './config/config.js';
import { DatabaseModule } from './database/database.module.js';
import { EventModule } from './modules/event/event.module.js';
import { SessionModule } from './modules/session/session.module.js';
import { TranscriptModule } from './modules/transcript/transcript.module.js';
import { OperationsModule } from './operations/operations.module.js';

/** The root module. */
@Module({
  imports: [ConfigModule, DatabaseModule, SessionModule, EventModule, TranscriptModule, OperationsModule],
})
export class AppModule {}
