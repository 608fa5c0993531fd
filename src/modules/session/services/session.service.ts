import { Injectable } from '@nestjs/common';
import { type Handling } from '../../../http/prefer-header.js';
import { sameJson } from '../../../http/json.js';
import { type Beside, type RawResult, type ReadBounds } from '../../../database/raw-reads.js';
import { created, replayed, type WriteResult } from '../../../http/write-result.js';
import { type CreateSessionDto } from '../dto/create-session.dto.js';
import { SessionRepository } from '../repositories/session.repository.js';
import { type Session } from '../schemas/session.schema.js';
import { type EndStatus } from '../session-status.js';
import { SessionConflictError, SessionNotFoundError } from '../session.errors.js';

/** The life of a session: it is created once, becomes active, and ends once. */
@Injectable()
export class SessionService {
  constructor(private readonly sessions: SessionRepository) {}

  /**
   * Creates a session, or finds the one that has its id.
   *
   * @throws SessionConflictError under strict handling, where the stored one was created with other content.
   */
  async create(dto: CreateSessionDto, handling: Handling): Promise<WriteResult<Session>> {
    const initialStatus = dto.status ?? 'initiated';
    const session: Session = {
      sessionId: dto.sessionId,
      status: initialStatus,
      initialStatus,
      language: dto.language,
      startedAt: new Date(),
      endedAt: null,
      finalSequence: null,
      metadata: dto.metadata ?? {},
    };
    if (await this.sessions.createIfAbsent(session)) return created(session);

    const stored = await this.get(dto.sessionId);
    const differs = !haveSameContent(session, stored);
    if (differs && handling === 'strict') throw new SessionConflictError(dto.sessionId);
    return replayed(stored, differs);
  }

  /** @throws SessionNotFoundError */
  async get(sessionId: string): Promise<Session> {
    const session = await this.sessions.findById(sessionId);
    if (!session) throw new SessionNotFoundError(sessionId);
    return session;
  }

  /**
   * Finds a session and, after it in the same command, what is asked for beside it; each part is read no earlier than
   * those before it.
   *
   * @throws SessionNotFoundError
   */
  async getWith(
    sessionId: string,
    beside: readonly Beside[],
    bounds: ReadBounds,
  ): Promise<RawResult & { readonly session: Session }> {
    const { session, ...others } = await this.sessions.findWith(sessionId, beside, bounds);
    if (!session) throw new SessionNotFoundError(sessionId);
    return { session, ...others };
  }

  /** Makes a session that is still `initiated` `active`: to be called before its first event is stored. */
  async activate(sessionId: string): Promise<void> {
    await this.sessions.activate(sessionId);
  }

  /**
   * Ends a session whose last event so far is `finalSequence`, or finds how it has ended; the first call decides.
   *
   * @param status how it ends; a replay that names another one differs, one that names none (undefined) does not.
   * @throws SessionNotFoundError
   */
  async end(sessionId: string, finalSequence: number, status?: EndStatus): Promise<WriteResult<Session>> {
    const ended = await this.sessions.endOnce(sessionId, {
      status: status ?? 'completed',
      endedAt: new Date(),
      finalSequence,
    });
    if (ended) return created(ended);
    const stored = await this.get(sessionId);
    return replayed(stored, status !== undefined && status !== stored.status);
  }
}

/** Whether two creations asked for the same; what the server added (times, the state reached since) is no part of it. */
function haveSameContent(a: Session, b: Session): boolean {
  return a.language === b.language && a.initialStatus === b.initialStatus && sameJson(a.metadata, b.metadata);
}
