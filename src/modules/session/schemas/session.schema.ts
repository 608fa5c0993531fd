import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import { limits } from '../../../config/config.js';
import { type JsonObject } from '../../../common/http/json.js';
import {
  SESSION_STATUSES,
  type EndStatus,
  type InitialStatus,
  type SessionStatus,
} from '../session-status.js';
import { filterablePath } from './filterable.js';

/**
 * A conversation as it is stored. This class declares the shape and the indexes; its validators never run, since input
 * has been validated by its DTO.
 */
@Schema({
  collection: 'sessions',
  versionKey: false,
  minimize: false,
  strict: 'throw',
  autoIndex: false,
  autoCreate: false,
})
export class Session {
  /** The client's own id; never changes. */
  @Prop({ type: String, required: true })
  sessionId!: string;

  @Prop({ type: String, required: true, enum: SESSION_STATUSES })
  status!: SessionStatus;

  /** The status it was created with. A repeated creation is compared with it. */
  @Prop({ type: String, required: true })
  initialStatus!: InitialStatus;

  @Prop({ type: String, required: true })
  language!: string;

  /** When it began: as the client said, or the server's clock at creation. Never changes. */
  @Prop({ type: Date, required: true })
  startedAt!: Date;

  /**
   * True if the client sent `startedAt`; only then is it compared with a replay's. Otherwise absent, to save space.
   */
  @Prop({ type: Boolean })
  startedAtGiven?: true;

  /** When it ended, never before it began: as the client said, or the server's clock. Null until then. */
  @Prop({ type: Date, default: null })
  endedAt!: Date | null;

  /** The same as `startedAtGiven` for `endedAt`. */
  @Prop({ type: Boolean })
  endedAtGiven?: true;

  /** The sequence of the last event stored when the session ended; null until then, 0 when there was none. */
  @Prop({ type: Number, default: null })
  finalSequence!: number | null;

  @Prop({ type: MongooseSchema.Types.Mixed, default: {} })
  metadata!: JsonObject;

  /** The texts, numbers and booleans of `metadata` in a form that can be indexed; see `filterableOf`. */
  @Prop({ type: MongooseSchema.Types.Mixed, default: {} })
  filterable!: Readonly<Record<string, string>>;

  /** How often it was patched. A patch names the revision that it read. Absent until the first one. */
  @Prop({ type: Number })
  metadataRevision?: number;

  /** The metadata it was created with, stored at the first patch. A repeated creation is compared with it. */
  @Prop({ type: MongooseSchema.Types.Mixed })
  createdMetadata?: JsonObject;

  /** The same for the language. */
  @Prop({ type: String })
  createdLanguage?: string;

  /** When it was deleted. Then only this and the id are left. */
  @Prop({ type: Date })
  deletedAt?: Date;
}

/** A session that has ended. */
export interface EndedSession extends Session {
  status: EndStatus;
  endedAt: Date;
  finalSequence: number;
}

/** How a session ends. */
export type SessionEnd = Pick<EndedSession, 'status' | 'endedAt' | 'endedAtGiven' | 'finalSequence'>;

export const SessionSchema = SchemaFactory.createForClass(Session);

// Decides the race of concurrent creations: one insert wins, the others read its session (createIfAbsent).
// Serves every query of SessionRepository but the list.
SessionSchema.index({ sessionId: 1 }, { unique: true, name: 'session_by_id' });

// Serves the list without a filter, or by time alone (findInRange). The id makes it a total order.
SessionSchema.index({ startedAt: 1, sessionId: 1 }, { name: 'session_by_start' });

// Serves the list by status: one range of it for each status that is asked for.
SessionSchema.index({ status: 1, startedAt: 1, sessionId: 1 }, { name: 'session_by_status' });

// Serve the list by a metadata key, one for each of METADATA_FILTER_KEYS. They also contain sessions without the key.
for (const key of limits.METADATA_FILTER_KEYS) {
  const path = filterablePath(key);
  SessionSchema.index({ [path]: 1, startedAt: 1, sessionId: 1 }, { name: `session_by_${path}` });
}
