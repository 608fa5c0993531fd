import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { SessionController } from './controllers/session.controller.js';
import { SessionRepository } from './repositories/session.repository.js';
import { Session, SessionSchema } from './schemas/session.schema.js';
import { FormatUpgrade } from './services/format-upgrade.js';
import { PatchService } from './services/patch.service.js';
import { SessionListService } from './services/session-list.service.js';
import { SessionService } from './services/session.service.js';

/** Sessions: create, list, patch, end. Other modules use its service. */
@Module({
  imports: [MongooseModule.forFeature([{ name: Session.name, schema: SessionSchema }])],
  controllers: [SessionController],
  providers: [FormatUpgrade, SessionService, SessionListService, PatchService, SessionRepository],
  exports: [SessionService, SessionListService],
})
export class SessionModule {}
