import { DomainError } from '../../common/errors/domain-error.js';

/** No session has this id. */
export class SessionNotFoundError extends DomainError {
  constructor(sessionId: string) {
    super('SESSION_NOT_FOUND', `There is no session "${sessionId}"`);
  }
}

/** The session was deleted. */
export class SessionDeletedError extends DomainError {
  constructor(sessionId: string) {
    super('SESSION_DELETED', `Session "${sessionId}" was deleted`);
  }
}

/** The id belongs to a session with other content, and the client asked for an error (`handling=strict`). */
export class SessionConflictError extends DomainError {
  constructor(sessionId: string) {
    super(
      'SESSION_CONFLICT',
      `Session "${sessionId}" exists already with other content; nothing was changed`,
    );
  }
}
