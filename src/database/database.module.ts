import { Global, Module } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import mongoose from 'mongoose';
import { FairQueue } from './fair-queue.js';
import { StoreCalls } from './store-calls.js';
import { StoreConnection } from './store-connection.js';

/**
 * The Mongoose connection and its life cycle.
 *
 * `MongooseModule.forRoot` would wait for the database before the service starts, and give up after a while. Here the
 * connection is created unopened, and `StoreConnection` opens it when the application is built.
 */
@Global()
@Module({
  providers: [
    FairQueue,
    StoreCalls,
    { provide: getConnectionToken(), useFactory: () => mongoose.createConnection() },
    StoreConnection,
  ],
  exports: [getConnectionToken(), FairQueue, StoreCalls, StoreConnection],
})
export class DatabaseModule {}
