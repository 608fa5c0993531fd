import { Module } from '@nestjs/common';
import { ConfigModule } from './config/config.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './operations/health.module.js';
import { HomeModule } from './operations/home.module.js';
import { MetricsModule } from './operations/metrics.module.js';
import { EventModule } from './modules/event/event.module.js';
import { SessionModule } from './modules/session/session.module.js';
import { TranscriptModule } from './modules/transcript/transcript.module.js';

/** What the service is made of. */
@Module({
  imports: [
    ConfigModule,
    DatabaseModule,
    SessionModule,
    EventModule,
    TranscriptModule,
    HealthModule,
    MetricsModule,
    HomeModule,
  ],
})
export class AppModule {}
