import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { SessionModule } from '../session/session.module.js';
import { EventController } from './controllers/event.controller.js';
import { SessionEndController } from './controllers/session-end.controller.js';
import { EventMetrics } from './event.metrics.js';
import { DeletionRepository } from './repositories/deletion.repository.js';
import { EventRepository } from './repositories/event.repository.js';
import { Deletion, DeletionSchema } from './schemas/deletion.schema.js';
import { Event, EventSchema } from './schemas/event.schema.js';
import { CompletionService } from './services/completion.service.js';
import { DeletionService } from './services/deletion.service.js';
import { DeletionSweep } from './services/deletion-sweep.js';
import { EventListService } from './services/event-list.service.js';
import { EventReader } from './services/event-reader.js';
import { EventService } from './services/event.service.js';
import { LogNews } from './services/log-news.js';
import { LogStream } from './services/log-stream.js';
import { SessionLog } from './services/session-log.js';
import { StoreWatch } from './services/store-watch.js';

/** The log of each session: appending to it, reading and following it, and ending or deleting the session with it. */
@Module({
  imports: [
    SessionModule,
    MongooseModule.forFeature([
      { name: Event.name, schema: EventSchema },
      { name: Deletion.name, schema: DeletionSchema },
    ]),
  ],
  controllers: [EventController, SessionEndController],
  providers: [
    EventMetrics,
    LogNews,
    LogStream,
    StoreWatch,
    SessionLog,
    EventReader,
    DeletionRepository,
    EventRepository,
    CompletionService,
    DeletionService,
    DeletionSweep,
    EventListService,
    EventService,
  ],
  exports: [EventReader],
})
export class EventModule {}
