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

/** The last event of a log: where the next one goes, and what it has to know of those before it. */
export type Tail = Pick<Event, 'sequence' | 'timestamp' | 'unordered' | 'closed'>;

/** The id of the mark that closes a log; clients' ids hold no space. */
const CLOSING_ID = ' ';

/** What an event is known by. */
type EventIdentity = Pick<Event, 'sessionId' | 'eventId'>;

/** An event without its payload, however large that is; its digest stands for it. */
export type EventHead = Omit<Event, 'payload'>;

/** How far an insert of events in their order came. */
export interface Insertion {
  /** How many are stored. None after the refused one is. */
  readonly storedCount: number;
  /** Set where the next one was refused: for its eventId, or for its sequence, or for one of the two. */
  readonly refusedFor?: 'eventId' | 'eventId or sequence';
}

/** All of an event but its payload. */
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

/** The queries on events, one a method, by the driver: see `driverCollection`. */
@Injectable()
@StoreOperations('events')
export class EventRepository {
  private readonly collection: mongoose.mongo.Collection<Event>;
  private readonly reads: RawReads<Event>;
  private readonly single: GroupedInserts<Event>;
  private readonly findHead = inSameTurn((ids: readonly EventIdentity[]) => this.#findHeads(ids));
  private readonly tail = inSameTurn((ids: readonly string[]) => this.#findTails(ids));

  /** What a pipeline finds, as a part of a command that is sent to another collection. No operation by itself. */
  readonly beside = (pipeline: EventPipeline): Beside => ({
    $unionWith: { coll: this.collection.collectionName, pipeline: [...pipeline] },
  });

  constructor(@InjectModel(Event.name) events: Model<Event>) {
    this.collection = driverCollection(events);
    this.reads = new RawReads(events);
    this.single = new GroupedInserts(events.collection);
  }

  /** Stores events at the places that their sequences name, in order, up to the first that a unique index refuses. */
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

  /** Puts the mark that closes a log at a place. @returns whether it was free. */
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

  /** Deletes all that is in the log of a session. */
  async deleteAll(sessionId: string): Promise<void> {
    await this.collection.deleteMany({ sessionId });
  }

  /**
   * What is stored under these ids, but for the payloads: a hundred of them, of up to 16 MiB each, could neither be read
   * within a deadline nor be held.
   */
  async findHeadsByEventIds(sessionId: string, eventIds: readonly string[]): Promise<EventHead[]> {
    const heads = await Promise.all(eventIds.map((eventId) => this.findHead({ sessionId, eventId })));
    return heads.filter((head) => head !== undefined);
  }

  async findByEventId(sessionId: string, eventId: string): Promise<Event | null> {
    return this.collection.findOne({ sessionId, eventId });
  }

  /** Of places in logs those that are taken: the sessions of these. Single keys of an index, which has all that is asked. */
  async findSessionsWith(places: readonly Pick<Event, 'sessionId' | 'sequence'>[]): Promise<string[]> {
    const taken = await this.collection
      .find({ $or: [...places] }, { projection: { _id: 0, sessionId: 1, sequence: 1 } })
      .toArray();
    return taken.map(({ sessionId }) => sessionId);
  }

  /** What a pipeline finds, as bytes. */
  async find(pipeline: EventPipeline, bounds: ReadBounds): Promise<RawResult> {
    return this.reads.aggregate([...pipeline], bounds);
  }

  /** The tails of several logs, each a part of one command. */
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
 * The query for events by their ids. One branch a session: a store that plans each branch by itself needs several times
 * as long for twenty events of one session in twenty branches as in one.
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
