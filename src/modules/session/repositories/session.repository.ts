import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import mongoose, { Model } from 'mongoose';
import { driverCollection } from '../../../database/driver-collection.js';
import { GroupedInserts } from '../../../database/grouped-inserts.js';
import {
  RawReads,
  decoded,
  type Beside,
  type RawResult,
  type ReadBounds,
} from '../../../database/raw-reads.js';
import { inSameTurn } from '../../../database/same-turn.js';
import { StoreOperations } from '../../../database/store-operations.js';
import { Session, type EndedSession } from '../schemas/session.schema.js';
import { statesBefore, type EndStatus } from '../session-status.js';

type SessionEnd = Pick<EndedSession, 'status' | 'endedAt' | 'finalSequence'>;

/** How a session is to end. */
interface Ending {
  readonly sessionId: string;
  readonly end: SessionEnd;
}

/** A session, and what was read beside it. */
export interface SessionBeside extends RawResult {
  readonly session: Session | null;
}

const { ObjectId } = mongoose.mongo;

/** The queries on sessions, one a method. Reads are lean: nothing here needs a hydrated document; the hottest go by the driver. */
@Injectable()
@StoreOperations('sessions')
export class SessionRepository {
  private readonly stored: mongoose.mongo.Collection<Session>;
  private readonly reads: RawReads<Session>;
  private readonly inserts: GroupedInserts<Session>;

  private readonly endInTurn = inSameTurn((endings: readonly Ending[]) => this.endEach(endings));
  private readonly load = inSameTurn((sessionIds: readonly string[]) => this.findByIds(sessionIds));

  constructor(@InjectModel(Session.name) private readonly sessions: Model<Session>) {
    this.stored = driverCollection(sessions);
    this.reads = new RawReads(sessions);
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
    const pipeline = [{ $match: { sessionId } }, { $limit: 1 }, ...beside];
    const { documents, complete } = await this.reads.aggregate(pipeline, bounds);
    const first = documents[0] && (decoded(documents[0]) as Session | object);
    return first && 'initialStatus' in first
      ? { session: first, documents: documents.slice(1), complete }
      : { session: null, documents, complete };
  }

  /** Moves a session that is still `initiated` to `active`; any other stays as it is. */
  async activate(sessionId: string): Promise<void> {
    await this.sessions
      .updateOne({ sessionId, status: { $in: statesBefore('active') } }, { $set: { status: 'active' } })
      .exec();
  }

  /**
   * Ends a session that has not ended, in one atomic update, so that of concurrent calls exactly one ends it.
   *
   * @returns the session as it ended, or null where there is none that could end.
   */
  async endOnce(sessionId: string, end: SessionEnd): Promise<EndedSession | null> {
    return this.endInTurn({ sessionId, end });
  }

  /**
   * Ends several sessions in one command, and reads them in another, for an update does not tell which documents it
   * has met: each carries the mark of the call that ended it.
   */
  private async endEach(endings: readonly Ending[]): Promise<(EndedSession | null)[]> {
    const [single] = endings;
    if (single && endings.length === 1) return [await this.endOne(single)];
    const marked = endings.map((ending) => ({ ...ending, endedBy: new ObjectId() }));
    await this.stored.bulkWrite(
      marked.map(({ endedBy, ...ending }) => ({
        updateOne: { filter: endable(ending), update: { $set: { ...ending.end, endedBy } } },
      })),
      { ordered: false },
    );
    const sessions = await this.findByIds(endings.map(({ sessionId }) => sessionId));
    return marked.map(({ endedBy }, index) => {
      const session = sessions[index];
      return session?.endedBy?.equals(endedBy) ? (session as EndedSession) : null;
    });
  }

  private async endOne(ending: Ending): Promise<EndedSession | null> {
    return this.stored.findOneAndUpdate(
      endable(ending),
      { $set: ending.end },
      { returnDocument: 'after' },
    ) as Promise<EndedSession | null>;
  }

  private async findByIds(sessionIds: readonly string[]): Promise<(Session | null)[]> {
    const found = await this.stored.find({ sessionId: { $in: [...new Set(sessionIds)] } }).toArray();
    const byId = new Map(found.map((session) => [session.sessionId, session]));
    return sessionIds.map((sessionId) => byId.get(sessionId) ?? null);
  }
}

/** The session, while it has not ended: of concurrent updates that ask for it, one meets it. */
function endable({ sessionId, end }: Ending): mongoose.mongo.Filter<Session> {
  return { sessionId, status: { $in: [...statesBefore(end.status satisfies EndStatus)] } };
}
