import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { driverCollection } from '../../../database/driver-collection.js';
import { GroupedInserts } from '../../../database/grouped-inserts.js';
import { inSameTurn } from '../../../database/same-turn.js';
import { type JsonObject } from '../../../http/json.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { filterableOf } from '../listing/filterable.js';
import { type SessionKey, type SessionOrder } from '../listing/session-query.js';
import { Session, type EndedSession, type SessionEnd } from '../schemas/session.schema.js';
import { statesBefore } from '../session-status.js';

/** A path of a session with the values it may have. */
export interface Criterion {
  readonly path: string;
  readonly values: readonly string[];
}

/** Sessions that lie side by side in one index, in the order of the list. */
export interface SessionRange {
  /** What they have in common. Undefined: nothing, and the index is that of all. */
  readonly along: { readonly path: string; readonly value: string } | undefined;
  /** What is looked at in each of them. */
  readonly beside: readonly Criterion[];
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** A stretch of a range. */
export interface SessionSlice {
  readonly order: SessionOrder;
  readonly after?: SessionKey | undefined;
  readonly limit: number;
}

/** The queries on sessions, one a method. Reads are lean: nothing here needs a hydrated document; the hottest go by the driver. */
@Injectable()
@StoreOperations('sessions')
export class SessionRepository {
  private readonly stored: mongoose.mongo.Collection<Session>;
  private readonly inserts: GroupedInserts<Session>;

  private readonly load = inSameTurn((sessionIds: readonly string[]) => this.findByIds(sessionIds));

  constructor(@InjectModel(Session.name) private readonly sessions: Model<Session>) {
    this.stored = driverCollection(sessions);
    this.inserts = new GroupedInserts(sessions.collection);
  }

  /** Stores a session unless its id is taken. @returns whether it was stored; the unique index decides races. */
  async createIfAbsent(session: Session): Promise<boolean> {
    return (await this.inserts.insert(session)).stored;
  }

  async findById(sessionId: string): Promise<Session | null> {
    return this.load(sessionId);
  }

  /** Moves a session that is still `initiated` to `active`; any other stays as it is. */
  async activate(sessionId: string): Promise<void> {
    await this.sessions
      .updateOne({ sessionId, status: { $in: statesBefore('active') } }, { $set: { status: 'active' } })
      .exec();
  }

  /**
   * Ends a session that has not ended and began no later than it is to end, in one atomic update, so that of concurrent
   * calls exactly one ends it.
   *
   * @returns the session as it ended, or null where there is none that could end so.
   */
  async endOnce(sessionId: string, end: SessionEnd): Promise<EndedSession | null> {
    return this.stored.findOneAndUpdate(
      { sessionId, status: { $in: statesBefore(end.status) }, startedAt: { $lte: end.endedAt } },
      { $set: end },
      { returnDocument: 'after' },
    ) as Promise<EndedSession | null>;
  }

  /**
   * Replaces the metadata of a session as it was read, unless somebody else has since.
   *
   * @returns the session with it, or null where its metadata is another by now, or it is gone.
   */
  async replaceMetadata(read: Session, metadata: JsonObject): Promise<Session | null> {
    const { sessionId, metadataRevision = null, createdMetadata = read.metadata } = read;
    const change = {
      metadata,
      filterable: filterableOf(metadata),
      createdMetadata,
      metadataRevision: (metadataRevision ?? 0) + 1,
    };
    // null finds what is absent. The whole value is set, for its keys may hold dots and dollars.
    return this.stored.findOneAndUpdate(
      { sessionId, metadataRevision } as mongoose.mongo.Filter<Session>,
      { $set: change },
      { returnDocument: 'after' },
    );
  }

  /** The sessions of a range in the order of the list, beyond the place of `after`, itself excluded. */
  async findInRange(range: SessionRange, { order, after, limit }: SessionSlice): Promise<Session[]> {
    const find = (condition: object) =>
      this.stored.find(condition, { sort: inOrder(order), limit }).toArray();
    if (!after) return find(selecting(range, {}));
    const beyond = order === 'asc' ? { $gt: after.startedAt } : { $lt: after.startedAt };
    const tie = order === 'asc' ? { $gt: after.sessionId } : { $lt: after.sessionId };
    // Two ranges of one index, where a store that is given both conditions in one might read either from its beginning.
    const found = await Promise.all([
      find({ ...selecting(range, {}), startedAt: after.startedAt, sessionId: tie }),
      find(selecting(range, beyond)),
    ]);
    return found.flat().slice(0, limit);
  }

  /** When the session at a distance from the beginning of a range started; undefined where the range ends before. */
  async findStartAt(range: SessionRange, { order, after }: SessionSlice, distance: number) {
    const bound = after && (order === 'asc' ? { $gte: after.startedAt } : { $lte: after.startedAt });
    const [found] = await this.stored
      .find(selecting(range, bound ?? {}), {
        sort: inOrder(order),
        skip: distance,
        limit: 1,
        projection: { _id: 0, startedAt: 1 },
      })
      .toArray();
    return found?.startedAt;
  }

  private async findByIds(sessionIds: readonly string[]): Promise<(Session | null)[]> {
    const found = await this.stored.find({ sessionId: { $in: [...new Set(sessionIds)] } }).toArray();
    const byId = new Map(found.map((session) => [session.sessionId, session]));
    return sessionIds.map((sessionId) => byId.get(sessionId) ?? null);
  }
}

function inOrder(order: SessionOrder): mongoose.mongo.Sort {
  const direction = order === 'asc' ? 1 : -1;
  return { startedAt: direction, sessionId: direction };
}

/**
 * The query for a range: equality on what it goes along, and one range on `startedAt`, which its index serves. What is
 * beside it is written as ranges, so that no planner that goes by equalities takes the index of that instead.
 */
function selecting({ along, beside, from, to }: SessionRange, bound: object): object {
  const startedAt = { ...(from && { $gte: from }), ...(to && { $lt: to }), ...bound };
  return {
    ...(along && { [along.path]: along.value }),
    ...Object.fromEntries(beside.map(({ path, values }) => [path, oneOf(values)])),
    ...(Object.keys(startedAt).length > 0 && { startedAt }),
  };
}

function oneOf(values: readonly string[]): object {
  const [value] = values;
  return values.length === 1 ? { $gte: value, $lte: value } : { $in: values };
}
