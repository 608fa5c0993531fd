import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { GroupedInserts, inSameTurn } from '../../../database/batching.js';
import { driverCollection } from '../../../database/driver-collection.js';
import { type Beside, type ReadBounds } from '../../../database/raw-reads.js';
import { type JsonObject } from '../../../http/json.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { filterableOf } from '../listing/filterable.js';
import { type SessionKey, type SessionOrder } from '../listing/session-query.js';
import { Session, type EndedSession, type SessionEnd } from '../schemas/session.schema.js';
import { END_STATUSES, statesBefore } from '../session-status.js';
import { SessionReads, type SessionBeside } from './session-reads.js';

/** How a session is to end. */
interface Ending {
  readonly sessionId: string;
  readonly end: SessionEnd;
}

const { ObjectId } = mongoose.mongo;
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
  private readonly reads: SessionReads;
  private readonly inserts: GroupedInserts<Session>;

  private readonly endInTurn = inSameTurn((endings: readonly Ending[]) => this.#endEach(endings));
  private readonly load = inSameTurn((sessionIds: readonly string[]) => this.#findByIds(sessionIds));

  constructor(@InjectModel(Session.name) private readonly sessions: Model<Session>) {
    this.stored = driverCollection(sessions);
    this.reads = new SessionReads(sessions);
    this.inserts = new GroupedInserts(sessions.collection);
  }

  /** Stores a session unless its id is taken. @returns whether it was stored; the unique index decides races. */
  async createIfAbsent(session: Session): Promise<boolean> {
    return (await this.inserts.insert(session)).stored;
  }

  async findById(sessionId: string): Promise<Session | null> {
    return this.load(sessionId);
  }

  /**
   * Finds a session and, after it in the same command, what is asked for beside it.
   *
   * @returns the session, if there is one, and the documents of what is beside it, in order. Each part is read no
   * earlier than those before it.
   */
  async findWith(sessionId: string, beside: readonly Beside[], bounds: ReadBounds): Promise<SessionBeside> {
    return this.reads.find({ sessionId, beside, bounds });
  }

  /** Those of the sessions that have ended. */
  async findEnded(sessionIds: readonly string[]): Promise<string[]> {
    const ended = await this.stored
      .find(
        { sessionId: { $in: [...sessionIds] }, status: { $in: [...END_STATUSES] } },
        { projection: { _id: 0, sessionId: 1 } },
      )
      .toArray();
    return ended.map(({ sessionId }) => sessionId);
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
    return this.endInTurn({ sessionId, end });
  }

  /**
   * Ends several sessions in one command, and reads them in another, for an update does not tell which documents it
   * has met: each carries the mark of the call that ended it.
   */
  async #endEach(endings: readonly Ending[]): Promise<(EndedSession | null)[]> {
    const [single] = endings;
    if (single && endings.length === 1) return [await this.#endOne(single)];
    const marked = endings.map((ending) => ({ ...ending, endedBy: new ObjectId() }));
    await this.stored.bulkWrite(
      marked.map(({ endedBy, ...ending }) => ({
        updateOne: { filter: endable(ending), update: { $set: { ...ending.end, endedBy } } },
      })),
      { ordered: false },
    );
    const sessions = await this.#findByIds(endings.map(({ sessionId }) => sessionId));
    return marked.map(({ endedBy }, index) => {
      const session = sessions[index];
      return session?.endedBy?.equals(endedBy) ? (session as EndedSession) : null;
    });
  }

  async #endOne(ending: Ending): Promise<EndedSession | null> {
    return this.stored.findOneAndUpdate(
      endable(ending),
      { $set: ending.end },
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
      { sessionId, metadataRevision, deletedAt: null } as object,
      { $set: change },
      { returnDocument: 'after' },
    );
  }

  /** Leaves of a session its id and when it was deleted, once. */
  async erase(sessionId: string, deletedAt: Date): Promise<boolean> {
    const { modifiedCount } = await this.stored.replaceOne({ sessionId, deletedAt: { $exists: false } }, {
      sessionId,
      deletedAt,
    } as Session);
    return modifiedCount > 0;
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

  async #findByIds(sessionIds: readonly string[]): Promise<(Session | null)[]> {
    const found = await this.stored.find({ sessionId: { $in: [...new Set(sessionIds)] } }).toArray();
    const byId = new Map(found.map((session) => [session.sessionId, session]));
    return sessionIds.map((sessionId) => byId.get(sessionId) ?? null);
  }
}

/** The session, while it has not ended: of concurrent updates that ask for it, one meets it. */
function endable({ sessionId, end }: Ending): mongoose.mongo.Filter<Session> {
  return { sessionId, status: { $in: statesBefore(end.status) }, startedAt: { $lte: end.endedAt } };
}

/** Before all times: what is left of a deleted session has none, and is in no list. */
const FIRST_DAY = new Date(-8.64e15);

function inOrder(order: SessionOrder): mongoose.mongo.Sort {
  const direction = order === 'asc' ? 1 : -1;
  return { startedAt: direction, sessionId: direction };
}

/**
 * The query for a range: equality on what it goes along, and one range on `startedAt`, which its index serves. What is
 * beside it is written as ranges, so that no planner that goes by equalities takes the index of that instead.
 */
function selecting({ along, beside, from, to }: SessionRange, bound: object): object {
  const startedAt = { $gte: from ?? FIRST_DAY, ...(to && { $lt: to }), ...bound };
  return {
    ...(along && { [along.path]: along.value }),
    ...Object.fromEntries(beside.map(({ path, values }) => [path, oneOf(values)])),
    startedAt,
  };
}

function oneOf(values: readonly string[]): object {
  const [value] = values;
  return values.length === 1 ? { $gte: value, $lte: value } : { $in: values };
}
