import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { findWithin, joined, type Bounded } from '../../../database/bounded-find.js';
import { refusalBy, storedBeforeDuplicate, type InsertOutcome } from '../../../database/mongo-errors.js';
import { GroupedFinds, GroupedInserts } from '../../../database/same-turn.js';
import { StoreCalls, type StoreCall } from '../../../database/store-calls.js';
import { type EventType } from '../event-type.js';
import { EVENT_BY_ID, Event } from '../schemas/event.schema.js';

/** The last event of a log, with everything that the place of the next one depends on. */
export type Tail = Pick<Event, 'sequence' | 'timestamp' | 'receivedAt' | 'unordered' | 'closed'>;

/** A filter of events; undefined fields do not restrict. */
export interface EventFilter {
  /** Of one of these types. */
  readonly type?: readonly EventType[] | undefined;
  /** At or after this time. */
  readonly from?: Date | undefined;
  /** Before this time. */
  readonly to?: Date | undefined;
  /** Only events with a higher sequence. */
  readonly afterSequence?: number | undefined;
}

/** An event's place in both orders. */
export type EventKey = Pick<Event, 'timestamp' | 'sequence'>;

/** A stretch of the events that a filter selects. */
export interface EventSlice {
  readonly filter: EventFilter;
  readonly sort: 'timestamp' | 'sequence';
  readonly order: 'asc' | 'desc';
  /** The event before it. */
  readonly after?: EventKey | undefined;
  /** How many events to skip, at the cost of an index key each. */
  readonly skip?: number;
  readonly limit: number;
  readonly maxBytes: number;
  readonly maxTimeMS: number;
}

/** Where an event stands, and what it supersedes. */
export type EventPlace = Pick<Event, 'eventId' | 'sequence' | 'timestamp' | 'replaces'>;

/** The result of inserting events in order. */
export interface Insertion {
  /** How many are stored: all before the refused one. */
  readonly storedCount: number;
  /** Set if one was refused: because of its eventId, or because of one of the two. */
  readonly refusedFor?: 'eventId' | 'eventId or sequence';
}

/** The id of the mark that closes a log; clients' ids contain no space. */
const CLOSING_ID = ' ';

const TAIL = { _id: 0, sequence: 1, timestamp: 1, receivedAt: 1, unordered: 1, closed: 1 } as const;
const PLACE = { _id: 0, eventId: 1, sequence: 1, timestamp: 1, replaces: 1 } as const;

/** All fields of an event except those of an empty place. */
const CONTENT = {
  type: 1,
  payload: 1,
  timestamp: 1,
  receivedAt: 1,
  payloadDigest: 1,
  serverTimestamp: 1,
  unordered: 1,
  replaces: 1,
  redactedAt: 1,
} as const;

/** The queries on events, one per method. */
@Injectable()
export class EventRepository {
  private readonly call: StoreCall;
  /** The driver's collection, for appending and tails: Mongoose's queries and documents would cost half as much again. */
  private readonly collection: mongoose.mongo.Collection<Event>;
  private readonly single: GroupedInserts<Event>;
  private readonly byId: GroupedFinds<Event>;
  private readonly byPlace: GroupedFinds<Event>;

  constructor(
    @InjectModel(Event.name) private readonly events: Model<Event>,
    calls: StoreCalls,
  ) {
    this.call = calls.of('events');
    this.collection = events.collection as unknown as mongoose.mongo.Collection<Event>;
    this.single = new GroupedInserts(events.collection);
    this.byId = new GroupedFinds(this.collection, ['sessionId', 'eventId']);
    this.byPlace = new GroupedFinds(this.collection, ['sessionId', 'sequence'], { ...TAIL, sessionId: 1 });
  }

  /** Stores events in order, each at its sequence, up to the first that a unique index refuses. */
  async insertAt(events: readonly Event[]): Promise<Insertion> {
    const [event] = events;
    if (event && events.length === 1) {
      const outcome = await this.call('insertAt', () => this.single.insert(event));
      return outcome.stored ? { storedCount: 1 } : { storedCount: 0, refusedFor: reasonOf(outcome) };
    }
    try {
      const copies = events.map((one) => ({ ...one })); // the driver adds an _id
      await this.call('insertAt', () => this.collection.insertMany(copies, { ordered: true }));
      return { storedCount: events.length };
    } catch (error) {
      return { storedCount: storedBeforeDuplicate(error), refusedFor: reasonOf(refusalBy(error)) };
    }
  }

  /**
   * @param known a place that is known to be taken. If the next one is free, it is the last; such lookups of the same turn
   * share a command.
   */
  async findTail(sessionId: string, known?: number): Promise<Tail | null> {
    return this.call('findTail', async () => {
      if (known) {
        const places = [known, known + 1].map((sequence) => this.byPlace.find({ sessionId, sequence }));
        const [last, next] = await Promise.all(places);
        if (last && !next) return last;
      }
      return this.collection.findOne<Tail>({ sessionId }, { sort: { sequence: -1 }, projection: TAIL });
    });
  }

  async findByEventId(sessionId: string, eventId: string): Promise<Event | null> {
    return this.call('findByEventId', () => this.byId.find({ sessionId, eventId }));
  }

  /**
   * The events with these ids up to a number of bytes; after a cut, ask for the rest. The mark of a closed log is found
   * with them, before all others.
   */
  async findByEventIds(
    sessionId: string,
    eventIds: readonly string[],
    maxBytes: number,
    maxTimeMS: number,
  ): Promise<Bounded<Event>> {
    const ids = [CLOSING_ID, ...eventIds];
    if (eventIds.length === 1) {
      const found = await Promise.all(ids.map((eventId) => this.findByEventId(sessionId, eventId)));
      return { documents: found.filter((event) => event !== null), cut: false };
    }
    const filter = { sessionId, eventId: { $in: ids } };
    const find = { filter, sort: { eventId: 1 }, limit: eventIds.length + 1, maxBytes, maxTimeMS } as const;
    return this.call('findByEventIds', () => findWithin(this.events, find));
  }

  /** The events of a session that supersede others, without their content. */
  async findReplacements(sessionId: string, limit: number): Promise<EventPlace[]> {
    const condition = { sessionId, replaces: { $exists: true } };
    return this.call('findReplacements', () =>
      this.events.find(condition, PLACE).sort({ sequence: 1 }).limit(limit).lean(),
    );
  }

  /** The places of events by their ids; unknown ids are left out. */
  async findPlaces(sessionId: string, eventIds: readonly string[]): Promise<EventPlace[]> {
    return this.call('findPlaces', () =>
      this.events.find({ sessionId, eventId: { $in: eventIds } }, PLACE).lean(),
    );
  }

  /** The sessions among these whose place in the log is taken: one key of an index for each. */
  async findSessionsWith(places: readonly Pick<Event, 'sessionId' | 'sequence'>[]): Promise<string[]> {
    const taken = await this.call('findSessionsWith', () =>
      this.events.find({ $or: [...places] }, { _id: 0, sessionId: 1, sequence: 1 }).lean(),
    );
    return taken.map(({ sessionId }) => sessionId);
  }

  /** Events in either order, one stretch of an index. */
  async findPage(sessionId: string, slice: EventSlice): Promise<Bounded<Event>> {
    const { filter, sort, order, after, ...options } = slice;
    const direction = order === 'asc' ? 1 : -1;
    const find = (bounds: Bounds) =>
      this.call('findPage', () =>
        findWithin(this.events, {
          ...options,
          filter: selecting(sessionId, filter, bounds),
          sort: sort === 'sequence' ? { sequence: direction } : { timestamp: direction, sequence: direction },
        }),
      );
    if (!after) return find({});
    const beyond = <T>(value: T) => (order === 'asc' ? { $gt: value } : { $lt: value });
    if (sort === 'sequence') return find({ sequence: beyond(after.sequence) });
    // Two ranges of one index, so that the cost does not depend on how many events share a millisecond.
    const [tied, rest] = await Promise.all([
      find({ timestamp: after.timestamp, sequence: beyond(after.sequence) }),
      find({ timestamp: beyond(after.timestamp) }),
    ]);
    return joined(tied, rest, slice.limit);
  }

  /** The number of events that a filter selects. */
  async count(sessionId: string, filter: EventFilter, maxTimeMS: number): Promise<number> {
    const query = selecting(sessionId, filter, {});
    // The command and not `countDocuments`, which is an aggregation.
    const reply = await this.call('count', async () =>
      this.events.db.db?.command({ count: this.collection.collectionName, query, maxTimeMS }),
    );
    return Number(reply?.['n']);
  }

  /** Inserts the mark that closes a log at a place. @returns whether the place was free. */
  async closeAt(sessionId: string, sequence: number): Promise<boolean> {
    const mark = { sessionId, eventId: CLOSING_ID, sequence, closed: true };
    try {
      await this.call('closeAt', () => this.events.collection.insertOne(mark));
      return true;
    } catch (error) {
      refusalBy(error);
      return false;
    }
  }

  /** Takes everything but the ids and the sequence out of the events after a sequence, up to another. */
  async blank(sessionId: string, after: number, upTo: number): Promise<void> {
    const condition = { sessionId, sequence: { $gt: after, $lte: upTo } };
    await this.call('blank', () =>
      this.events.updateMany(condition, { $set: { closed: true }, $unset: CONTENT }),
    );
  }

  /** Takes the content out of an event. @returns whether there is such an event. */
  async redact(sessionId: string, eventId: string, redactedAt: Date): Promise<boolean> {
    const stored = { sessionId, eventId, closed: { $exists: false } };
    const change = { $set: { payload: {}, redactedAt }, $unset: { payloadDigest: 1 } } as const;
    for (;;) {
      const { modifiedCount } = await this.call('redact', () =>
        this.events.updateOne({ ...stored, redactedAt: { $exists: false } }, change),
      );
      if (modifiedCount > 0) return true;
      const found = await this.call('redact', () => this.events.findOne(stored, { redactedAt: 1 }).lean());
      if (!found || found.redactedAt) return found !== null; // otherwise it was stored between the two
    }
  }

  /** Removes the places of a log up to a sequence. */
  async removePlaces(sessionId: string, upTo: number): Promise<void> {
    await this.call('removePlaces', () => this.events.deleteMany({ sessionId, sequence: { $lte: upTo } }));
  }
}

/** The conditions of a page, in addition to its filter. */
interface Bounds {
  readonly timestamp?: Date | { readonly $gt: Date } | { readonly $lt: Date };
  readonly sequence?: { readonly $gt: number } | { readonly $lt: number };
}

/**
 * The query for a filter within the bounds of a page, with one range per field, which an index can serve. If both have
 * the same end of a range, the page's is the narrower one, as its key has passed the filter before.
 */
function selecting(sessionId: string, filter: EventFilter, bounds: Bounds): object {
  const { type, from, to, afterSequence } = filter;
  const timestamp =
    bounds.timestamp instanceof Date
      ? bounds.timestamp
      : { ...(from && { $gte: from }), ...(to && { $lt: to }), ...bounds.timestamp };
  const sequence = { ...(afterSequence && { $gt: afterSequence }), ...bounds.sequence };
  return {
    sessionId,
    ...(type && { type: type.length === 1 ? type[0] : { $in: type } }),
    ...(!isEmpty(timestamp) && { timestamp }),
    ...(!isEmpty(sequence) && { sequence }),
  };
}

function isEmpty(condition: object): boolean {
  return !(condition instanceof Date) && Object.keys(condition).length === 0;
}

function reasonOf(outcome: InsertOutcome): NonNullable<Insertion['refusedFor']> {
  return !outcome.stored && outcome.refusedBy === EVENT_BY_ID ? 'eventId' : 'eventId or sequence';
}
