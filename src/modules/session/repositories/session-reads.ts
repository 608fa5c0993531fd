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

/** A session to read, with pipelines to run after it. */
export interface SessionRead {
  readonly sessionId: string;
  /** Each finds documents of this session only. */
  readonly beside: readonly Beside[];
  readonly bounds: ReadBounds;
}

/** A session, and the results of the pipelines after it. */
export interface SessionBeside extends RawResult {
  readonly session: Session | null;
}

type SessionStages = [PipelineStage.Match, PipelineStage.Limit];

/**
 * Reads sessions together with the results of further pipelines, each no earlier than the session itself. Short reads
 * of the same turn of the event loop share one command, one part after the other, each in its own order.
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

  /** Separately if there is only one, or if a reply can't hold the documents of all. */
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
 * Assigns the documents of a shared command to its sessions. A session precedes the documents that were read after it.
 * A session that is created meanwhile may be missing from its first reads, but then it is in all later ones, so its
 * parts are those of the last reads.
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

/**
 * Of the documents found, only sessions have one of these fields: a live one its initial status, a deleted one the
 * time.
 */
function isSession({ value }: StoredDocument): boolean {
  return 'initialStatus' in value || 'deletedAt' in value;
}

function byId(sessionId: string): SessionStages {
  return [{ $match: { sessionId } }, { $limit: 1 }];
}
