import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { driverCollection } from '../../../database/driver-collection.js';
import { isDuplicateKey } from '../../../database/mongo-errors.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { Deletion } from '../schemas/deletion.schema.js';

/** The queries on deletions under way, which are few; through the driver: see `driverCollection`. */
@Injectable()
@StoreOperations('deletions')
export class DeletionRepository {
  private readonly collection: mongoose.mongo.Collection<Deletion>;

  constructor(@InjectModel(Deletion.name) deletions: Model<Deletion>) {
    this.collection = driverCollection(deletions);
  }

  /** Records that a session is to be deleted. Does nothing if that is recorded already. */
  async note(sessionId: string): Promise<void> {
    try {
      await this.collection.insertOne({ _id: sessionId, erased: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async find(sessionId: string): Promise<Deletion | null> {
    return this.collection.findOne({ _id: sessionId });
  }

  async findAll(): Promise<Deletion[]> {
    return this.collection.find().toArray();
  }

  async markErased(sessionId: string): Promise<void> {
    await this.collection.updateOne({ _id: sessionId }, { $set: { erased: true } });
  }

  async remove(sessionId: string): Promise<void> {
    await this.collection.deleteOne({ _id: sessionId });
  }
}
