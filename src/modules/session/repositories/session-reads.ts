import { type Model, type PipelineStage } from 'mongoose';
import { asError, inSameTurn } from '../../../database/batching.js';
import {
  RawReads,
  type Beside,
  type RawResult,
  type ReadBounds,
  type StoredDocument,
} from '../../../database/raw-reads.js';
import { type Session } from '../schemas/session.schema.js';

/** A session that is to be read, and what beside it. */
export interface SessionRead {
  readonly sessionId: string;
  /** Each finds documents of this session only. */
  readonly beside: readonly Beside[];
  readonly bounds: ReadBounds;
}

/** A session, and what was read beside it. */
export interface SessionBeside extends RawResult {
  readonly session: Session | null;
}

type SessionStages = [PipelineStage.Match, PipelineStage.Limit];

/**
 * Reads sessions, and what is asked for beside each, no earlier than the session itself. What is short goes in one
 * command with all that is asked for in the same turn of the event loop: one part after the other, and each in the
 * order it has alone.
 */
export class SessionReads {
  private readonly reads: RawReads<Session>;
  private readonly findInTurn = inSameTurn((reads: readonly SessionRead[]) => this.findEach(reads));

  constructor(private readonly sessions: Model<Session>) {
    this.reads = new RawReads(sessions);
  }

  async find(read: SessionRead): Promise<SessionBeside> {
    return read.bounds.isShort ? this.findInTurn(read) : this.findOne(read);
  }

  private async findOne({ sessionId, beside, bounds }: SessionRead): Promise<SessionBeside> {
    const { documents, complete } = await this.reads.aggregate([...byId(sessionId), ...beside], bounds);
    const [first, ...others] = documents;
    return first && isSession(first)
      ? { session: first.value as Session, documents: others, complete }
      : { session: null, documents, complete };
  }

  /** Each by itself where there is but one, or where a reply can't hold the documents of all. */
  private async findEach(reads: readonly SessionRead[]): Promise<(SessionBeside | Error)[]> {
    const together = reads.length > 1 ? await this.findTogether(reads) : undefined;
    return together ?? Promise.all(reads.map((read) => this.findOne(read).catch(asError)));
  }

  private async findTogether(reads: readonly SessionRead[]): Promise<SessionBeside[] | undefined> {
    const [first, ...others] = reads.map(({ sessionId, beside }) => ({ stages: byId(sessionId), beside }));
    const { collectionName: coll } = this.sessions.collection;
    const pipeline = [
      ...(first ? [...first.stages, ...first.beside] : []),
      ...others.flatMap(({ stages, beside }) => [{ $unionWith: { coll, pipeline: stages } }, ...beside]),
    ];
    const batchSize = reads.reduce((sum, { bounds }) => sum + bounds.batchSize, 1);
    const { documents, complete } = await this.reads.aggregate(pipeline, { batchSize, enough: () => true });
    const sessionIds = reads.map(({ sessionId }) => sessionId);
    return complete ? partsOf(documents, sessionIds) : undefined;
  }
}

/**
 * Whose each document of a command is that was sent for these sessions. A session stands before what was read beside
 * it. One that is created meanwhile may be missing to the first of its reads, but then to none after them: so its parts
 * are those of the last.
 */
export function partsOf(
  documents: readonly StoredDocument[],
  sessionIds: readonly string[],
): SessionBeside[] {
  const parts = new Map<string, Part[]>(sessionIds.map((sessionId) => [sessionId, []]));
  let current: Part | undefined;
  for (const document of documents) {
    if (isSession(document)) {
      current = { session: document.value as Session, documents: [], complete: true };
      parts.get(current.session.sessionId)?.push(current);
    } else if (document.value['sessionId'] === current?.session.sessionId) {
      current?.documents.push(document);
    }
  }
  return sessionIds
    .toReversed()
    .map((sessionId) => parts.get(sessionId)?.pop() ?? NOTHING)
    .reverse();
}

interface Part {
  readonly session: Session;
  readonly documents: StoredDocument[];
  readonly complete: true;
}

const NOTHING = { session: null, documents: [], complete: true } as const;

/** Of what a read finds, only a session has one of these: its content, or that it was deleted. */
function isSession({ value }: StoredDocument): boolean {
  return 'initialStatus' in value || 'deletedAt' in value;
}

function byId(sessionId: string): SessionStages {
  return [{ $match: { sessionId } }, { $limit: 1 }];
}
