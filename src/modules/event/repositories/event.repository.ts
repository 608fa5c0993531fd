import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { driverCollection } from '../../../database/driver-collection.js';
import { GroupedInserts } from '../../../database/grouped-inserts.js';
import { refusalBy, storedBeforeDuplicate, type InsertOutcome } from '../../../database/mongo-errors.js';
import {
  ALL,
  decoded,
  RawReads,
  type Beside,
  type RawResult,
  type ReadBounds,
} from '../../../database/raw-reads.js';
import { inSameTurn } from '../../../database/same-turn.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { tailOf, type EventPipeline } from './event-pipelines.js';
import { EVENT_BY_ID, Event } from '../schemas/event.schema.js';

/** The last event of a log: where the next one goes, and what it has to know of those before it. */
export type Tail = Pick<Event, 'sequence' | 'timestamp' | 'unordered'>;

/** What an event is known by. */
type EventIdentity = Pick<Event, 'sessionId' | 'eventId'>;

/** How far an insert of events in their order came. */
export interface Insertion {
  /** How many are stored. None after the refused one is. */
  readonly stored: number;
  /** Set where the next one was refused: for its eventId, or for its sequence, or for one of the two. */
  readonly refusedFor?: 'eventId' | 'eventId or sequence';
}

/** The queries on events, one a method. Reads are lean: nothing here needs a hydrated document; the hottest go by the driver. */
@Injectable()
@StoreOperations('events')
export class EventRepository {
  private readonly stored: mongoose.mongo.Collection<Event>;
  private readonly reads: RawReads<Event>;
  private readonly single: GroupedInserts<Event>;
  private readonly tail = inSameTurn((ids: readonly string[]) => this.findTails(ids));
  private readonly twin = inSameTurn((ids: readonly EventIdentity[]) => this.findEach(ids));

  constructor(@InjectModel(Event.name) events: Model<Event>) {
    this.stored = driverCollection(events);
    this.reads = new RawReads(events);
    this.single = new GroupedInserts(events.collection);
  }

  /** Stores events at the places that their sequences name, in order, up to the first that a unique index refuses. */
  async insertAt(events: readonly Event[]): Promise<Insertion> {
    // The bare collection: casting and defaults have nothing to add, and Mongoose would copy the payload.
    const [event] = events;
    if (event && events.length === 1) {
      const outcome = await this.single.insert(event);
      return outcome.stored ? { stored: 1 } : { stored: 0, refusedFor: reasonOf(outcome) };
    }
    try {
      await this.stored.insertMany(
        events.map((event) => ({ ...event })),
        { ordered: true },
      );
      return { stored: events.length };
    } catch (error) {
      return { stored: storedBeforeDuplicate(error), refusedFor: reasonOf(refusalBy(error)) };
    }
  }

  async findTail(sessionId: string): Promise<Tail | null> {
    return this.tail(sessionId);
  }

  async findByEventIds(sessionId: string, eventIds: readonly string[]): Promise<Event[]> {
    const [eventId] = eventIds;
    if (eventId !== undefined && eventIds.length === 1) {
      const event = await this.twin({ sessionId, eventId });
      return event ? [event] : [];
    }
    return this.stored.find({ sessionId, eventId: { $in: eventIds } }).toArray();
  }

  /** What a pipeline finds, as bytes. */
  async find(pipeline: EventPipeline, bounds: ReadBounds): Promise<RawResult> {
    return this.reads.aggregate([...pipeline], bounds);
  }

  /** What a pipeline finds, as a part of a command that is sent to another collection. */
  beside(pipeline: EventPipeline): Beside {
    return { $unionWith: { coll: this.stored.collectionName, pipeline: [...pipeline] } };
  }

  /** The tails of several logs, each a part of one command. */
  private async findTails(sessionIds: readonly string[]): Promise<(Tail | null)[]> {
    const [first, ...others] = new Set(sessionIds);
    if (first === undefined) return [];
    const pipeline = [...tailOf(first), ...others.map((other) => this.beside(tailOf(other)))];
    const { documents } = await this.reads.aggregate(pipeline, ALL);
    const tails = documents.map((document) => decoded(document) as Tail & Pick<Event, 'sessionId'>);
    const byId = new Map(tails.map((tail) => [tail.sessionId, tail]));
    return sessionIds.map((sessionId) => byId.get(sessionId) ?? null);
  }

  private async findEach(ids: readonly EventIdentity[]): Promise<(Event | undefined)[]> {
    const [id] = ids;
    const found = await this.stored.find(id && ids.length === 1 ? id : { $or: [...ids] }).toArray();
    return ids.map(({ sessionId, eventId }) =>
      found.find((event) => event.sessionId === sessionId && event.eventId === eventId),
    );
  }
}

function reasonOf(outcome: InsertOutcome): NonNullable<Insertion['refusedFor']> {
  return !outcome.stored && outcome.refusedBy === EVENT_BY_ID ? 'eventId' : 'eventId or sequence';
}
