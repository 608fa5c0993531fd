import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getConnectionToken } from '@nestjs/mongoose';
import mongoose from 'mongoose';
import { BoundedOperations } from './bounded-operations.js';
import { refuseImpossibleSizes } from './message-sizes.js';
import { StoreConnection } from './store-connection.js';

refuseImpossibleSizes();

/**
 * The Mongoose connection, and what opens and closes it.
 *
 * Not by `MongooseModule.forRoot`: that waits for the database before the service starts, and gives up after a while.
 * Here the connection is made unopened, and `StoreConnection` opens it when the application is built.
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
