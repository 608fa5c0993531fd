import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getConnectionToken } from '@nestjs/mongoose';
import mongoose from 'mongoose';
import { BoundedOperations } from './bounded-operations.js';
import { refuseImpossibleSizes } from './message-sizes.js';
import { StoreConnection } from './store-connection.js';

refuseImpossibleSizes();

/**
 * The Mongoose connection and its life cycle.
 *
 * `MongooseModule.forRoot` would wait for the database before the service starts, and give up after a while. Here the
 * connection is created unopened, and `StoreConnection` opens it when the application is built.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    BoundedOperations,
    { provide: getConnectionToken(), useFactory: () => mongoose.createConnection() },
    StoreConnection,
  ],
  exports: [getConnectionToken(), StoreConnection],
})
export class DatabaseModule {}
