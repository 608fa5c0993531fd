import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { GroupedInserts, inSameTurn } from '../../../database/batching.js';
import { driverCollection } from '../../../database/driver-collection.js';
import { refusalBy, storedBeforeDuplicate, type InsertOutcome } from '../../../database/mongo-errors.js';
import { ALL, RawReads, type Beside, type RawResult, type ReadBounds } from '../../../database/raw-reads.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { tailOf, type EventPipeline } from './event-pipelines.js';
import { EVENT_BY_ID, Event } from '../schemas/event.schema.js';

/** The last event of a log, with everything that the place of the next one depends on. */
export type Tail = Pick<Event, 'sequence' | 'timestamp' | 'unordered' | 'closed'>;

/** The id of the mark that closes a log; clients' ids contain no space. */
const CLOSING_ID = ' ';

/** The key of an event. */
type EventIdentity = Pick<Event, 'sessionId' | 'eventId'>;

/** An event without its payload, which may be large; the digest represents it. */
export type EventHead = Omit<Event, 'payload'>;

/** The result of inserting events in order. */
export interface Insertion {
  /** How many are stored: all before the refused one. */
  readonly storedCount: number;
  /** Set if one was refused: because of its eventId, or because of one of the two. */
  readonly refusedFor?: 'eventId' | 'eventId or sequence';
}

/** All fields of an event except its payload. */
const HEAD = {
  _id: 0,
  sessionId: 1,
  eventId: 1,
  sequence: 1,
  type: 1,
  timestamp: 1,
  receivedAt: 1,
  payloadDigest: 1,
  serverTimestamp: 1,
} as const;

/** The queries on events, one per method, through the driver: see `driverCollection`. */
@Injectable()
@StoreOperations('events')
export class EventRepository {
  private readonly collection: mongoose.mongo.Collection<Event>;
  private readonly reads: RawReads<Event>;
  private readonly single: GroupedInserts<Event>;
  private readonly findHead = inSameTurn((ids: readonly EventIdentity[]) => this.#findHeads(ids));
  private readonly tail = inSameTurn((ids: readonly string[]) => this.#findTails(ids));

  /** A pipeline as a part of a command on another collection. Not an operation by itself. */
  readonly beside = (pipeline: EventPipeline): Beside => ({
    $unionWith: { coll: this.collection.collectionName, pipeline: [...pipeline] },
  });

  constructor(@InjectModel(Event.name) events: Model<Event>) {
    this.collection = driverCollection(events);
    this.reads = new RawReads(events);
    this.single = new GroupedInserts(events.collection);
  }

  /** Stores events in order, each at its sequence, up to the first that a unique index refuses. */
  async insertAt(events: readonly Event[]): Promise<Insertion> {
    const [event] = events;
    if (event && events.length === 1) {
      const outcome = await this.single.insert(event);
      return outcome.stored ? { storedCount: 1 } : { storedCount: 0, refusedFor: reasonOf(outcome) };
    }
    try {
      await this.collection.insertMany(
        events.map((event) => ({ ...event })),
        { ordered: true },
      );
      return { storedCount: events.length };
    } catch (error) {
      return { storedCount: storedBeforeDuplicate(error), refusedFor: reasonOf(refusalBy(error)) };
    }
  }

  async findTail(sessionId: string): Promise<Tail | null> {
    return this.tail(sessionId);
  }

  /** Inserts the mark that closes a log at a place. @returns whether the place was free. */
  async closeAt(sessionId: string, sequence: number): Promise<boolean> {
    try {
      await this.collection.insertOne({ sessionId, eventId: CLOSING_ID, sequence, closed: true } as Event);
      return true;
    } catch (error) {
      refusalBy(error);
      return false;
    }
  }

  /** Deletes the events of a session up to and including a sequence. */
  async deleteUpTo(sessionId: string, sequence: number): Promise<void> {
    await this.collection.deleteMany({ sessionId, sequence: { $lte: sequence } });
  }

  /** Deletes everything in the log of a session. */
  async deleteAll(sessionId: string): Promise<void> {
    await this.collection.deleteMany({ sessionId });
  }

  /**
   * The events with these ids, without payloads: a hundred of up to 16 MiB each could neither be read within a deadline
   * nor be held in memory.
   */
  async findHeadsByEventIds(sessionId: string, eventIds: readonly string[]): Promise<EventHead[]> {
    const heads = await Promise.all(eventIds.map((eventId) => this.findHead({ sessionId, eventId })));
    return heads.filter((head) => head !== undefined);
  }

  async findByEventId(sessionId: string, eventId: string): Promise<Event | null> {
    return this.collection.findOne({ sessionId, eventId });
  }

  /** The sessions among these whose place in the log is taken: one key per place of an index that covers the query. */
  async findSessionsWith(places: readonly Pick<Event, 'sessionId' | 'sequence'>[]): Promise<string[]> {
    const taken = await this.collection
      .find({ $or: [...places] }, { projection: { _id: 0, sessionId: 1, sequence: 1 } })
      .toArray();
    return taken.map(({ sessionId }) => sessionId);
  }

  /** The result of a pipeline, as bytes. */
  async find(pipeline: EventPipeline, bounds: ReadBounds): Promise<RawResult> {
    return this.reads.aggregate([...pipeline], bounds);
  }

  /** The tails of several logs, in one command. */
  async #findTails(sessionIds: readonly string[]): Promise<(Tail | null)[]> {
    const [first, ...others] = new Set(sessionIds);
    if (first === undefined) return [];
    const pipeline = [...tailOf(first), ...others.map((other) => this.beside(tailOf(other)))];
    const { documents } = await this.reads.aggregate(pipeline, ALL);
    const tails = documents.map(({ value }) => value as Tail & Pick<Event, 'sessionId'>);
    const byId = new Map(tails.map((tail) => [tail.sessionId, tail]));
    return sessionIds.map((sessionId) => byId.get(sessionId) ?? null);
  }

  async #findHeads(ids: readonly EventIdentity[]): Promise<(EventHead | undefined)[]> {
    const found = await this.collection.find<EventHead>(identifying(ids), { projection: HEAD }).toArray();
    return ids.map(({ sessionId, eventId }) =>
      found.find((head) => head.sessionId === sessionId && head.eventId === eventId),
    );
  }
}

function reasonOf(outcome: InsertOutcome): NonNullable<Insertion['refusedFor']> {
  return !outcome.stored && outcome.refusedBy === EVENT_BY_ID ? 'eventId' : 'eventId or sequence';
}

/**
 * The query for events by their ids, with one branch per session: a store that plans each branch separately takes
 * several times as long for twenty events of one session in twenty branches as in one.
 */
function identifying(ids: readonly EventIdentity[]): object {
  const bySession = new Map<string, string[]>();
  for (const { sessionId, eventId } of ids) {
    bySession.set(sessionId, [...(bySession.get(sessionId) ?? []), eventId]);
  }
  const branches = [...bySession].map(([sessionId, [first = '', ...more]]) => ({
    sessionId,
    eventId: more.length > 0 ? { $in: [first, ...more] } : first,
  }));
  return branches.length === 1 ? (branches[0] as object) : { $or: branches };
}
