import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Model } from 'mongoose';
import { isDuplicateKey } from '../../../database/mongo-errors.js';
import { StoreCalls, type StoreCall } from '../../../database/store-calls.js';
import { Deletion } from '../schemas/deletion.schema.js';

/** The queries on deletions, which are kept for a day. */
@Injectable()
export class DeletionRepository {
  private readonly call: StoreCall;

  constructor(
    @InjectModel(Deletion.name) private readonly deletions: Model<Deletion>,
    calls: StoreCalls,
  ) {
    this.call = calls.of('deletions');
  }

  /** Records that a session is to be deleted. Does nothing if that is recorded already. */
  async note(sessionId: string): Promise<void> {
    try {
      await this.call('note', () => this.deletions.collection.insertOne({ _id: sessionId as never }));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  async find(sessionId: string): Promise<Deletion | null> {
    return this.call('find', () => this.deletions.findById(sessionId).lean());
  }

  async findAll(): Promise<Deletion[]> {
    return this.call('findAll', () => this.deletions.find().lean());
  }

  async markBlanked(sessionId: string, blankedAt: Date): Promise<void> {
    await this.call('markBlanked', () =>
      this.deletions.updateOne({ _id: sessionId }, { $set: { blankedAt } }),
    );
  }

  async remove(sessionId: string): Promise<void> {
    await this.call('remove', () => this.deletions.deleteOne({ _id: sessionId }));
  }
}
