import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { SessionModule } from '../session/session.module.js';
import { EventController } from './controllers/event.controller.js';
import { SessionEndController } from './controllers/session-end.controller.js';
import { DeletionWatch } from './deletion/deletion-watch.js';
import { LogEraser } from './deletion/log-eraser.js';
import { EventMetrics } from './event.metrics.js';
import { LogNews } from './following/log-news.js';
import { LogReader } from './following/log-reader.js';
import { LogStream } from './following/log-stream.js';
import { StoreWatch } from './following/store-watch.js';
import { SessionLog } from './log/session-log.js';
import { EventReader } from './reading/event-reader.js';
import { DeletionRepository } from './repositories/deletion.repository.js';
import { EventRepository } from './repositories/event.repository.js';
import { Deletion, DeletionSchema } from './schemas/deletion.schema.js';
import { Event, EventSchema } from './schemas/event.schema.js';
import { CompletionService } from './services/completion.service.js';
import { DeletionService } from './services/deletion.service.js';
import { EventListService } from './services/event-list.service.js';
import { EventService } from './services/event.service.js';

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
    DeletionWatch,
    LogEraser,
    EventMetrics,
    LogNews,
    LogReader,
    LogStream,
    StoreWatch,
    SessionLog,
    EventReader,
    DeletionRepository,
    EventRepository,
    CompletionService,
    DeletionService,
    EventListService,
    EventService,
  ],
  exports: [EventReader],
})
export class EventModule {}
