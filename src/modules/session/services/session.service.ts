import { Injectable } from '@nestjs/common';
import { ValidationFailedError } from '../../../common/errors/domain-error.js';
import { sameJson } from '../../../common/http/json.js';
import { created, replayed, type WriteResult } from '../../../common/http/write-result.js';
import { type CompleteSessionDto, type CreateSessionDto } from '../dto/session.dto.js';
import { RecentIds } from '../../../database/recent-ids.js';
import { SessionRepository } from '../repositories/session.repository.js';
import { filterableOf } from '../schemas/filterable.js';
import { type Session, type SessionEnd } from '../schemas/session.schema.js';
import { type EndStatus } from '../session-status.js';
import { SessionConflictError, SessionDeletedError, SessionNotFoundError } from '../session.errors.js';

export { type Session }; // what other modules may know of how it is stored

/** The life of a session: it is created once, becomes active, and ends once. */
@Injectable()
export class SessionService {
  private readonly recent = new RecentIds();

  constructor(private readonly sessions: SessionRepository) {}

  /**
   * Creates a session, or finds the existing one with its id.
   *
   * @throws SessionConflictError under `strict`, if the existing one was created with other content.
   */
  async create(dto: CreateSessionDto, strict: boolean): Promise<WriteResult<Session>> {
    const initialStatus = dto.status ?? 'initiated';
    const startedAt = dto.startedAt;
    const metadata = dto.metadata ?? {};
    const session: Session = {
      sessionId: dto.sessionId,
      status: initialStatus,
      initialStatus,
      language: dto.language,
      startedAt: startedAt ?? new Date(),
      ...(startedAt && { startedAtGiven: true }),
      endedAt: null,
      finalSequence: null,
      metadata,
      filterable: filterableOf(metadata),
    };
    // A creation that this process was asked for before is most likely stored, and looked up first.
    const known = this.recent.note(session.sessionId)
      ? await this.sessions.findById(session.sessionId)
      : null;
    if (!known && (await this.sessions.createIfAbsent(session))) return created(session);

    const stored = known ? present(known) : await this.get(dto.sessionId);
    const differs = !haveSameContent(session, stored);
    if (differs && strict) throw new SessionConflictError(dto.sessionId);
    return replayed(stored, differs);
  }

  /**
   * @throws SessionNotFoundError
   * @throws SessionDeletedError
   */
  async get(sessionId: string): Promise<Session> {
    return present(await this.find(sessionId));
  }

  /** Whether an existing session is deleted. @throws SessionNotFoundError */
  async isDeleted(sessionId: string): Promise<boolean> {
    return (await this.find(sessionId)).deletedAt !== undefined;
  }

  /**
   * Removes everything of a session but its id. Does not touch its log: see `DeletionService`.
   */
  async erase(sessionId: string): Promise<void> {
    await this.sessions.erase(sessionId, new Date());
  }

  /** Which of these sessions have ended; unknown ones are left out. */
  async findEnded(sessionIds: readonly string[]): Promise<string[]> {
    return this.sessions.findEnded(sessionIds);
  }

  /** Makes an `initiated` session `active`. Call it before the first event is stored. */
  async activate(sessionId: string): Promise<void> {
    await this.sessions.activate(sessionId);
  }

  /**
   * Ends a session whose last event so far is `finalSequence`, or finds how it has ended; the first call decides.
   *
   * @param dto how and when it ends. A replay differs if it names another status or time, not if it leaves them out.
   * @throws SessionNotFoundError
   * @throws ValidationFailedError if it would end before it began, where both times are from clients.
   */
  async end(
    sessionId: string,
    finalSequence: number,
    dto: CompleteSessionDto,
  ): Promise<WriteResult<Session>> {
    const given = dto.endedAt;
    let endedAt = given ?? new Date();
    for (;;) {
      const end: SessionEnd = {
        status: dto.status ?? 'completed',
        endedAt,
        ...(given && { endedAtGiven: true }),
        finalSequence,
      };
      const ended = await this.sessions.endOnce(sessionId, end);
      if (ended) return created(ended);

      const stored = await this.get(sessionId);
      if (given && stored.startedAtGiven && given < stored.startedAt) {
        const message = `endedAt must not be before startedAt, which is ${stored.startedAt.toISOString()}`;
        throw new ValidationFailedError([{ field: 'endedAt', message }]);
      }
      // It began later than this end, by a clock that is ahead of the one of the end: it ends when it began.
      endedAt = later(endedAt, stored.startedAt);
      if (stored.endedAt) return replayed(stored, endsOtherwise(stored, dto.status, given && endedAt));
    }
  }

  private async find(sessionId: string): Promise<Session> {
    const session = await this.sessions.findById(sessionId);
    if (!session) throw new SessionNotFoundError(sessionId);
    return session;
  }
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

/** @throws SessionDeletedError */
function present(session: Session): Session {
  if (session.deletedAt) throw new SessionDeletedError(session.sessionId);
  return session;
}

/**
 * Whether two creations have the same content. Values that the server added (times, the current status) are not
 * compared.
 */
function haveSameContent(a: Session, b: Session): boolean {
  return (
    (a.createdLanguage ?? a.language) === (b.createdLanguage ?? b.language) &&
    a.initialStatus === b.initialStatus &&
    !(a.startedAtGiven && b.startedAtGiven && a.startedAt.getTime() !== b.startedAt.getTime()) &&
    sameJson(a.createdMetadata ?? a.metadata, b.createdMetadata ?? b.metadata)
  );
}

/**
 * Whether a request to end differs from how the session ended. Times are compared only if both came from a client.
 */
function endsOtherwise(
  { status, endedAt, endedAtGiven }: Session,
  askedStatus: EndStatus | undefined,
  askedTime: Date | undefined,
): boolean {
  const timesDiffer = askedTime && endedAtGiven && askedTime.getTime() !== endedAt?.getTime();
  return timesDiffer === true || (askedStatus !== undefined && askedStatus !== status);
}
