import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/**
 * A deleted session whose places in the log are still taken. It is written before anything is removed, so that any
 * instance can complete the deletion if this one dies, and removed with the places.
 */
@Schema({ collection: 'deletions', versionKey: false, strict: 'throw', autoIndex: false, autoCreate: false })
export class Deletion {
  /** The session's id. The `_id` index, which every collection has, decides the race of concurrent deletions. */
  @Prop({ type: String, required: true })
  _id!: string;

  /** When all content was out of the store; absent until then. */
  @Prop({ type: Date })
  blankedAt?: Date;
}

export const DeletionSchema = SchemaFactory.createForClass(Deletion);
