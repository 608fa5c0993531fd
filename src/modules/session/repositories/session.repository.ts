import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { findWithin, joined, type Bounded } from '../../../database/bounded-find.js';
import { GroupedFinds, GroupedInserts } from '../../../database/same-turn.js';
import { StoreCalls, type StoreCall } from '../../../database/store-calls.js';
import { filterableOf } from '../schemas/filterable.js';
import { Session, type EndedSession, type SessionEnd } from '../schemas/session.schema.js';
import { END_STATUSES, statesBefore } from '../session-status.js';

/** Sessions that are adjacent in one index, in the order of the list. */
export interface SessionRange {
  /** The field and the value that select the index; undefined for the index of all sessions. */
  readonly along: readonly [path: string, value: string] | undefined;
  /** Further conditions, which are checked on each session: one of these values. */
  readonly beside: readonly (readonly [path: string, values: readonly string[]])[];
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** What a session can be filtered by, and what that is made of; a deleted one has neither. */
export type FilterableSession = Pick<Session, 'sessionId' | 'metadataRevision'> &
  Partial<Pick<Session, 'metadata' | 'filterable'>>;

/** A part of a range. */
export interface SessionSlice {
  readonly order: 'asc' | 'desc';
  /** The session before it. */
  readonly after?: Pick<Session, 'startedAt' | 'sessionId'> | undefined;
  readonly limit: number;
  readonly maxBytes: number;
  readonly maxTimeMS: number;
}

/** The queries on sessions, one per method. */
@Injectable()
export class SessionRepository {
  private readonly call: StoreCall;
  private readonly inserts: GroupedInserts<Session>;
  private readonly byId: GroupedFinds<Session>;
  /** The driver's collection, for reading and ending a session: a Mongoose query costs half as much again. */
  private readonly collection: mongoose.mongo.Collection<Session>;

  constructor(
    @InjectModel(Session.name) private readonly sessions: Model<Session>,
    calls: StoreCalls,
  ) {
    this.call = calls.of('sessions');
    this.inserts = new GroupedInserts(sessions.collection);
    this.collection = sessions.collection as unknown as mongoose.mongo.Collection<Session>;
    this.byId = new GroupedFinds(this.collection, ['sessionId']);
  }

  /** Stores a session unless its id is taken. @returns whether it was stored; the unique index decides races. */
  async createIfAbsent(session: Session): Promise<boolean> {
    return this.call('createIfAbsent', async () => (await this.inserts.insert(session)).stored);
  }

  async findById(sessionId: string): Promise<Session | null> {
    return this.call('findById', () => this.byId.find({ sessionId }));
  }

  /** Which of these sessions have ended. */
  async findEnded(sessionIds: readonly string[]): Promise<string[]> {
    const condition = { sessionId: { $in: sessionIds }, status: { $in: END_STATUSES } };
    const ended = await this.call('findEnded', () =>
      this.sessions.find(condition, { _id: 0, sessionId: 1 }).lean(),
    );
    return ended.map(({ sessionId }) => sessionId);
  }

  /** Moves a session from `initiated` to `active`; in any other status it stays unchanged. */
  async activate(sessionId: string): Promise<void> {
    const condition = { sessionId, status: { $in: statesBefore('active') } };
    await this.call('activate', () => this.sessions.updateOne(condition, { $set: { status: 'active' } }));
  }

  /**
   * Ends a session that has not ended and that began no later than `endedAt`, in one atomic update, so that exactly one
   * of several concurrent calls ends it.
   *
   * @returns the session as it ended, or null if there is none that could end like this.
   */
  async endOnce(sessionId: string, end: SessionEnd): Promise<EndedSession | null> {
    const condition = {
      sessionId,
      status: { $in: statesBefore(end.status) },
      startedAt: { $lte: end.endedAt },
    };
    const ended = await this.call('endOnce', () =>
      this.collection.findOneAndUpdate(condition, { $set: end }, { returnDocument: 'after' }),
    );
    return ended as EndedSession | null;
  }

  /**
   * Stores a change of metadata and language, unless the session has been changed since it was read.
   *
   * @returns the session with it, or null if it has been changed meanwhile, or is gone.
   */
  async change(
    read: Session,
    { metadata, language }: Pick<Session, 'metadata' | 'language'>,
  ): Promise<Session | null> {
    const { sessionId, metadataRevision = null } = read;
    const change = {
      metadata,
      language,
      filterable: filterableOf(metadata),
      createdMetadata: read.createdMetadata ?? read.metadata,
      createdLanguage: read.createdLanguage ?? read.language,
      metadataRevision: (metadataRevision ?? 0) + 1,
    };
    // Through the driver, as the metadata is a client's: Mongoose would read keys with dollars as operators. null matches
    // absent fields.
    const condition = { sessionId, metadataRevision, deletedAt: null } as object;
    return this.call('change', () =>
      this.collection.findOneAndUpdate(condition, { $set: change }, { returnDocument: 'after' }),
    );
  }

  /** Sessions after one in the order of their ids, with what they can be filtered by. */
  async findFilterable(after: string, limit: number): Promise<FilterableSession[]> {
    const projection = { _id: 0, sessionId: 1, metadata: 1, filterable: 1, metadataRevision: 1 };
    return this.call('findFilterable', () =>
      this.collection
        .find<FilterableSession>({ sessionId: { $gt: after } }, { projection, sort: { sessionId: 1 }, limit })
        .toArray(),
    );
  }

  /** Replaces what a session can be filtered by, unless its metadata has been patched since it was read. */
  async setFilterable({ sessionId, metadata, metadataRevision }: FilterableSession): Promise<void> {
    const condition = { sessionId, metadataRevision: metadataRevision ?? null, deletedAt: null } as object;
    const change = { $set: { filterable: filterableOf(metadata ?? {}) } };
    await this.call('setFilterable', () => this.collection.updateOne(condition, change));
  }

  /** Replaces a session by its id and the time of deletion, if that was not done before. */
  async erase(sessionId: string, deletedAt: Date): Promise<void> {
    const condition = { sessionId, deletedAt: { $exists: false } };
    const erased = { sessionId, deletedAt } as Session;
    await this.call('erase', () => this.collection.replaceOne(condition, erased));
  }

  /** The sessions of a range in the order of the list, after the session `after`. */
  async findInRange(range: SessionRange, slice: SessionSlice): Promise<Bounded<Session>> {
    const { order, after, limit, maxBytes, maxTimeMS } = slice;
    const direction = order === 'asc' ? 1 : -1;
    const sort = { startedAt: direction, sessionId: direction } as const;
    const find = (filter: object) =>
      this.call('findInRange', () =>
        findWithin(this.sessions, { filter, sort, limit, maxBytes, maxTimeMS, batchSize: limit }),
      );
    if (!after) return find(selecting(range, {}));
    const beyond = <T>(value: T) => (order === 'asc' ? { $gt: value } : { $lt: value });
    // Two ranges of one index. Given both conditions in one query, a store might read from the beginning of either.
    const tied = { ...selecting(range, {}), startedAt: after.startedAt, sessionId: beyond(after.sessionId) };
    const [first, rest] = await Promise.all([find(tied), find(selecting(range, beyond(after.startedAt)))]);
    return joined(first, rest, limit);
  }
}

/** The latest time that a client can send. As a bound it excludes deleted sessions, which have no `startedAt`. */
const LAST_TIME = new Date('9999-12-31T23:59:59.999Z');

/**
 * The query for a range: equality on its index's field, and one range on `startedAt`, which that index serves. Further
 * conditions are written as ranges, so that a planner that prefers equalities does not choose their index instead.
 */
function selecting({ along, beside, from, to }: SessionRange, bound: object): object {
  return {
    ...(along && { [along[0]]: along[1] }),
    ...Object.fromEntries(beside.map(([path, values]) => [path, oneOf(values)])),
    startedAt: { ...(from && { $gte: from }), ...(to ? { $lt: to } : { $lte: LAST_TIME }), ...bound },
  };
}

function oneOf(values: readonly string[]): object {
  const [value] = values;
  return values.length === 1 ? { $gte: value, $lte: value } : { $in: values };
}
