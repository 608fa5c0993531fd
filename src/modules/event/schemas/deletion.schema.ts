import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/**
 * A session that is to be deleted, written before anything of it goes: from here on any instance may carry it out, and
 * one that dies half-way leaves it to be found. Goes when nothing of the log can be left.
 */
@Schema({ collection: 'deletions', versionKey: false, strict: 'throw', autoIndex: false, autoCreate: false })
export class Deletion {
  /** The session's id. The one index that each collection has decides the race of concurrent deletions. */
  @Prop({ type: String, required: true })
  _id!: string;

  /** Whether the log has been erased; what is left is to look once more, for writes that were long on their way. */
  @Prop({ type: Boolean, required: true })
  erased!: boolean;
}

export const DeletionSchema = SchemaFactory.createForClass(Deletion);
