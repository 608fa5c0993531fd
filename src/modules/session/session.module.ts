import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { SessionController } from './controllers/session.controller.js';
import { SessionLister } from './listing/session-lister.js';
import { SessionListRepository } from './repositories/session-list.repository.js';
import { SessionRepository } from './repositories/session.repository.js';
import { Session, SessionSchema } from './schemas/session.schema.js';
import { MetadataService } from './services/metadata.service.js';
import { SessionService } from './services/session.service.js';

/** Sessions: create, list, patch, end. Other modules use its service. */
@Module({
  imports: [MongooseModule.forFeature([{ name: Session.name, schema: SessionSchema }])],
  controllers: [SessionController],
  providers: [SessionService, MetadataService, SessionLister, SessionRepository, SessionListRepository],
  exports: [SessionService],
})
export class SessionModule {}
