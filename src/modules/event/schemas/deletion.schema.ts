import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/**
 * A session to be deleted. It is written before anything is removed, so that any instance can complete the deletion if
 * this one dies. It is removed when nothing of the log can be left.
 */
@Schema({ collection: 'deletions', versionKey: false, strict: 'throw', autoIndex: false, autoCreate: false })
export class Deletion {
  /** The session's id. The `_id` index, which every collection has, decides the race of concurrent deletions. */
  @Prop({ type: String, required: true })
  _id!: string;

  /** Whether the log has been erased. Then only the second look for delayed writes is left. */
  @Prop({ type: Boolean, required: true })
  erased!: boolean;
}

export const DeletionSchema = SchemaFactory.createForClass(Deletion);
