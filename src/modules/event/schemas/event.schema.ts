import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import { type JsonObject } from '../../../common/http/json.js';
import { EVENT_TYPES, type EventType } from '../event-type.js';

/**
 * One entry of a session's log. It never changes.
 *
 * This class declares the shape and the indexes; its validators never run. Input has been validated by its DTO, and is
 * inserted through the driver: Mongoose's `create` took 1,950 µs of processor time and `insertOne` 1,570, including the
 * embedded store's share (interleaved, median of seven rounds of 200).
 */
@Schema({
  collection: 'events',
  versionKey: false,
  minimize: false,
  strict: 'throw',
  autoIndex: false,
  autoCreate: false,
})
export class Event {
  @Prop({ type: String, required: true })
  sessionId!: string;

  /** The client's own id, unique within the session. */
  @Prop({ type: String, required: true })
  eventId!: string;

  /** The number of the event in its session: 1, 2, 3 … without a gap. */
  @Prop({ type: Number, required: true })
  sequence!: number;

  @Prop({ type: String, required: true, enum: EVENT_TYPES })
  type!: EventType;

  /** When it happened: as the client said, or the server's clock when it was stored. */
  @Prop({ type: Date, required: true })
  timestamp!: Date;

  /** The server's clock when it was stored. */
  @Prop({ type: Date, required: true })
  receivedAt!: Date;

  @Prop({ type: MongooseSchema.Types.Mixed, required: true })
  payload!: JsonObject;

  /** `digestOf` the payload, for comparing a retry without reading the stored payload. Used for nothing else. */
  @Prop({ type: String })
  payloadDigest?: string;

  /**
   * True if the client sent no timestamp, which is then not compared with a replay's. Otherwise absent, to save space.
   */
  @Prop({ type: Boolean })
  serverTimestamp?: true;

  /**
   * Set on the first event that is older than its predecessor, and on every event after it: here, the order of the log
   * is not chronological. Each event inherits it from its predecessor, so the tail shows it for the whole log.
   */
  @Prop({ type: Boolean })
  unordered?: true;

  /**
   * Set on an entry that is not an event: the mark that takes the place after the last event when the session is
   * deleted, so that nobody can append. It has an `eventId` that no event can have, and neither content nor time.
   */
  @Prop({ type: Boolean })
  closed?: true;
}

/** The index that refuses an id that is taken. Its name tells why an insert was refused. */
export const EVENT_BY_ID = 'event_by_id';

export const EventSchema = SchemaFactory.createForClass(Event);

// Decides the race of identical appends: one is stored, the others find it (insertAt).
// Serves: findHeadsByEventIds, findByEventId.
EventSchema.index({ sessionId: 1, eventId: 1 }, { unique: true, name: EVENT_BY_ID });

// Decides the race of different appends for the next place in the log, which keeps it free of gaps (insertAt).
// Serves: tailOf and pages in the order of the log (event-pipelines.ts), findSessionsWith, deleteUpTo, deleteAll.
EventSchema.index({ sessionId: 1, sequence: 1 }, { unique: true, name: 'event_by_sequence' });

// Serves the chronological reads: pages, what follows a cursor, counts by time (event-pipelines.ts). The sequence makes
// it a total order, so that pages never repeat or skip an event of the same millisecond.
EventSchema.index({ sessionId: 1, timestamp: 1, sequence: 1 }, { name: 'event_by_time' });
