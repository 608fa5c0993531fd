import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import { type JsonObject } from '../../../common/http/json.js';
import { EVENT_TYPES, type EventType } from '../event-type.js';

/**
 * One entry of a session's log. It never changes, but its content can be taken away for good.
 *
 * This class declares the shape and the indexes; its validators never run, since input has been validated by its DTO, and
 * is inserted through the driver.
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

  /** The `eventId` whose utterance this one supersedes. */
  @Prop({ type: String })
  replaces?: string;

  /** When it was redacted; its payload is empty since. */
  @Prop({ type: Date })
  redactedAt?: Date;

  /** Was stored by earlier versions, to compare payloads. Only removed now, with the payload. */
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
   * Set on an entry that is not an event but keeps a place taken, for a day, so that nobody can append: what is left of an
   * event of a deleted session (its ids and its sequence), and the mark after the last one, whose `eventId` no event can
   * have. Neither has content or time.
   */
  @Prop({ type: Boolean })
  closed?: true;
}

/** The index that refuses an id that is taken. Its name tells why an insert was refused. */
export const EVENT_BY_ID = 'event_by_id';

export const EventSchema = SchemaFactory.createForClass(Event);

// Decides the race of identical appends: one is stored, the others find it (insertAt).
// Serves: findByEventId, findByEventIds, redact.
EventSchema.index({ sessionId: 1, eventId: 1 }, { unique: true, name: EVENT_BY_ID });

// Decides the race of different appends for the next place in the log, which keeps it free of gaps (insertAt).
// Serves: findTail, pages in the order of the log (findPage), findSessionsWith, blank, removePlaces.
EventSchema.index({ sessionId: 1, sequence: 1 }, { unique: true, name: 'event_by_sequence' });

// Serves the chronological reads: pages, what follows a cursor, counts by time (findPage, count). The sequence makes
// it a total order, so that pages never repeat or skip an event of the same millisecond.
EventSchema.index({ sessionId: 1, timestamp: 1, sequence: 1 }, { name: 'event_by_time' });
