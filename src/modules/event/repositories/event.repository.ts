import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model, type QueryFilter } from 'mongoose';
import { driverCollection } from '../../../database/driver-collection.js';
import { GroupedInserts } from '../../../database/grouped-inserts.js';
import { refusalBy, storedBeforeDuplicate, type InsertOutcome } from '../../../database/mongo-errors.js';
import { inSameTurn } from '../../../database/same-turn.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { type EventFilter, type EventKey, type EventOrder } from '../reading/event-query.js';
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

/** A stretch of an ordered list of events. */
export interface Slice {
  readonly order: EventOrder;
  readonly skip?: number;
  readonly limit: number;
}

/** The queries on events, one a method. Reads are lean: nothing here needs a hydrated document; the hottest go by the driver. */
@Injectable()
@StoreOperations('events')
export class EventRepository {
  private readonly stored: mongoose.mongo.Collection<Event>;
  private readonly single: GroupedInserts<Event>;
  private readonly find = inSameTurn((ids: readonly EventIdentity[]) => this.#findEach(ids));

  constructor(@InjectModel(Event.name) private readonly events: Model<Event>) {
    this.stored = driverCollection(events);
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
    return this.stored.findOne(
      { sessionId },
      { sort: { sequence: -1 }, projection: { _id: 0, sequence: 1, timestamp: 1, unordered: 1 } },
    );
  }

  async findByEventIds(sessionId: string, eventIds: readonly string[]): Promise<Event[]> {
    const [eventId] = eventIds;
    if (eventId !== undefined && eventIds.length === 1) {
      const event = await this.find({ sessionId, eventId });
      return event ? [event] : [];
    }
    return this.stored.find({ sessionId, eventId: { $in: eventIds } }).toArray();
  }

  /** Events in the order of the log, up to and including the sequence `upTo`. */
  async findInLogOrder(
    sessionId: string,
    filter: EventFilter,
    { order, skip = 0, limit }: Slice,
    upTo?: number,
  ): Promise<Event[]> {
    return this.events
      .find(selecting(sessionId, filter, upTo === undefined ? {} : { sequence: { $lte: upTo } }))
      .sort({ sequence: order })
      .skip(skip)
      .limit(limit)
      .lean<Event[]>()
      .exec();
  }

  /** Events in the order of time, ties in the order of the log. Costs what it skips. */
  async findInTimeOrder(
    sessionId: string,
    filter: EventFilter,
    { order, skip = 0, limit }: Slice,
  ): Promise<Event[]> {
    return this.#inTimeOrder(selecting(sessionId, filter), order).skip(skip).limit(limit).exec();
  }

  /** What follows `key` in the order of time within its own millisecond. */
  async findTies(
    sessionId: string,
    filter: EventFilter,
    key: EventKey,
    { order, limit }: Slice,
  ): Promise<Event[]> {
    const sequence = order === 'asc' ? { $gt: key.sequence } : { $lt: key.sequence };
    return this.#inTimeOrder(selecting(sessionId, filter, { timestamp: key.timestamp, sequence }), order)
      .limit(limit)
      .exec();
  }

  /** What follows `key` in the order of time, from the next millisecond on. */
  async findBeyond(
    sessionId: string,
    filter: EventFilter,
    key: EventKey,
    { order, limit }: Slice,
  ): Promise<Event[]> {
    const timestamp = order === 'asc' ? { $gt: key.timestamp } : { $lt: key.timestamp };
    return this.#inTimeOrder(selecting(sessionId, filter, { timestamp }), order)
      .limit(limit)
      .exec();
  }

  async count(sessionId: string, filter: EventFilter): Promise<number> {
    return this.events.countDocuments(selecting(sessionId, filter)).exec();
  }

  async #findEach(ids: readonly EventIdentity[]): Promise<(Event | undefined)[]> {
    const [id] = ids;
    const found = await this.stored.find(id && ids.length === 1 ? id : { $or: [...ids] }).toArray();
    return ids.map(({ sessionId, eventId }) =>
      found.find((event) => event.sessionId === sessionId && event.eventId === eventId),
    );
  }

  #inTimeOrder(filter: QueryFilter<Event>, order: EventOrder) {
    return this.events.find(filter).sort({ timestamp: order, sequence: order }).lean<Event[]>();
  }
}

function reasonOf(outcome: InsertOutcome): NonNullable<Insertion['refusedFor']> {
  return !outcome.stored && outcome.refusedBy === EVENT_BY_ID ? 'eventId' : 'eventId or sequence';
}

/** What a page adds to its filter. */
interface Bounds {
  readonly timestamp?: Date | { readonly $gt: Date } | { readonly $lt: Date };
  readonly sequence?: { readonly $gt: number } | { readonly $lt: number } | { readonly $lte: number };
}

/**
 * The query for what a filter selects within the bounds of a page: one range a field, which an index can serve.
 * Where both name the same end of a range, the page's is the narrower one: its key passed the filter before.
 */
function selecting(sessionId: string, filter: EventFilter, bounds: Bounds = {}): QueryFilter<Event> {
  const { type, from, to, afterSequence } = filter;
  const timestamp =
    bounds.timestamp instanceof Date
      ? bounds.timestamp
      : { ...(from && { $gte: from }), ...(to && { $lt: to }), ...bounds.timestamp };
  const sequence = { ...(afterSequence && { $gt: afterSequence }), ...bounds.sequence };
  return {
    sessionId,
    ...(type && { type }),
    ...(!isEmpty(timestamp) && { timestamp }),
    ...(!isEmpty(sequence) && { sequence }),
  };
}

function isEmpty(condition: object): boolean {
  return !(condition instanceof Date) && Object.keys(condition).length === 0;
}
