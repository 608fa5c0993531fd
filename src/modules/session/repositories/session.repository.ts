import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { GroupedInserts, inSameTurn } from '../../../database/batching.js';
import { driverCollection } from '../../../database/driver-collection.js';
import { type Beside, type ReadBounds } from '../../../database/raw-reads.js';
import { type JsonObject } from '../../../common/http/json.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { filterableOf } from '../listing/filterable.js';
import { Session, type EndedSession, type SessionEnd } from '../schemas/session.schema.js';
import { END_STATUSES, statesBefore } from '../session-status.js';
import { SessionReads, type SessionBeside } from './session-reads.js';

/** How a session is to end. */
interface Ending {
  readonly sessionId: string;
  readonly end: SessionEnd;
}

const { ObjectId } = mongoose.mongo;

/** The queries on sessions except the list, one per method, through the driver: see `driverCollection`. */
@Injectable()
@StoreOperations('sessions')
export class SessionRepository {
  private readonly collection: mongoose.mongo.Collection<Session>;
  private readonly reads: SessionReads;
  private readonly inserts: GroupedInserts<Session>;

  private readonly endInTurn = inSameTurn((endings: readonly Ending[]) => this.#endEach(endings));
  private readonly load = inSameTurn((sessionIds: readonly string[]) => this.#findByIds(sessionIds));

  constructor(@InjectModel(Session.name) sessions: Model<Session>) {
    this.collection = driverCollection(sessions);
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
   * Finds a session and, after it in the same command, the results of further pipelines.
   *
   * @returns the session, if there is one, and the documents found after it, in order. Each part is read no earlier
   * than those before it.
   */
  async findWith(sessionId: string, beside: readonly Beside[], bounds: ReadBounds): Promise<SessionBeside> {
    return this.reads.find({ sessionId, beside, bounds });
  }

  /** Which of these sessions have ended. */
  async findEnded(sessionIds: readonly string[]): Promise<string[]> {
    const ended = await this.collection
      .find(
        { sessionId: { $in: [...sessionIds] }, status: { $in: [...END_STATUSES] } },
        { projection: { _id: 0, sessionId: 1 } },
      )
      .toArray();
    return ended.map(({ sessionId }) => sessionId);
  }

  /** Moves a session from `initiated` to `active`; in any other status it stays unchanged. */
  async activate(sessionId: string): Promise<void> {
    await this.collection.updateOne(
      { sessionId, status: { $in: statesBefore('active') } },
      { $set: { status: 'active' } },
    );
  }

  /**
   * Ends a session that has not ended and that began no later than `endedAt`, in one atomic update, so that exactly one
   * of several concurrent calls ends it.
   *
   * @returns the session as it ended, or null if there is none that could end like this.
   */
  async endOnce(sessionId: string, end: SessionEnd): Promise<EndedSession | null> {
    return this.endInTurn({ sessionId, end });
  }

  /**
   * Ends several sessions in one command, and reads them in another. The first does not tell which documents it
   * updated, so each update stores an id of the call that ended the session.
   */
  async #endEach(endings: readonly Ending[]): Promise<(EndedSession | null)[]> {
    const [single] = endings;
    if (single && endings.length === 1) return [await this.#endOne(single)];
    const marked = endings.map((ending) => ({ ...ending, endedBy: new ObjectId() }));
    await this.collection.bulkWrite(
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
    return this.collection.findOneAndUpdate(
      endable(ending),
      { $set: ending.end },
      { returnDocument: 'after' },
    ) as Promise<EndedSession | null>;
  }

  /**
   * Replaces the metadata of a session, unless it has changed since the session was read.
   *
   * @returns the session with it, or null if its metadata has changed, or it is gone.
   */
  async replaceMetadata(read: Session, metadata: JsonObject): Promise<Session | null> {
    const { sessionId, metadataRevision = null, createdMetadata = read.metadata } = read;
    const change = {
      metadata,
      filterable: filterableOf(metadata),
      createdMetadata,
      metadataRevision: (metadataRevision ?? 0) + 1,
    };
    // null matches absent fields. The whole value is set, since its keys may contain dots and dollars.
    return this.collection.findOneAndUpdate(
      { sessionId, metadataRevision, deletedAt: null } as object,
      { $set: change },
      { returnDocument: 'after' },
    );
  }

  /** Replaces a session by its id and the time of deletion. @returns whether this call did it. */
  async erase(sessionId: string, deletedAt: Date): Promise<boolean> {
    const { modifiedCount } = await this.collection.replaceOne({ sessionId, deletedAt: { $exists: false } }, {
      sessionId,
      deletedAt,
    } as Session);
    return modifiedCount > 0;
  }

  async #findByIds(sessionIds: readonly string[]): Promise<(Session | null)[]> {
    const found = await this.collection.find({ sessionId: { $in: [...new Set(sessionIds)] } }).toArray();
    const byId = new Map(found.map((session) => [session.sessionId, session]));
    return sessionIds.map((sessionId) => byId.get(sessionId) ?? null);
  }
}

/** Matches the session while it has not ended, so only one of several concurrent updates matches. */
function endable({ sessionId, end }: Ending): mongoose.mongo.Filter<Session> {
  return { sessionId, status: { $in: statesBefore(end.status) }, startedAt: { $lte: end.endedAt } };
}
