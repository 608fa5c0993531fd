import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Model } from 'mongoose';
import { isDuplicateKey } from '../../../database/mongo-errors.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { Deletion } from '../schemas/deletion.schema.js';

/** The queries on deletions under way, of which there are few. */
@Injectable()
@StoreOperations('deletions')
export class DeletionRepository {
  constructor(@InjectModel(Deletion.name) private readonly deletions: Model<Deletion>) {}

  /** Writes down that a session is to be deleted. That it is written down already is as good. */
  async note(sessionId: string): Promise<void> {
    try {
      await this.deletions.collection.insertOne({ _id: sessionId, erased: false } as object);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async find(sessionId: string): Promise<Deletion | null> {
    return this.deletions.findOne({ _id: sessionId }).lean<Deletion>().exec();
  }

  async findAll(): Promise<Deletion[]> {
    return this.deletions.find().lean<Deletion[]>().exec();
  }

  async markErased(sessionId: string): Promise<void> {
    await this.deletions.updateOne({ _id: sessionId }, { $set: { erased: true } }).exec();
  }

  async remove(sessionId: string): Promise<void> {
    await this.deletions.deleteOne({ _id: sessionId }).exec();
  }
}
