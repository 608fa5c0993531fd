import { DomainError } from '../../common/errors/domain-error.js';

/** The id belongs to an event with other content, and the client asked for an error (`handling=strict`). */
export class EventConflictError extends DomainError {
  constructor(sessionId: string, eventId: string) {
    super(
      'EVENT_CONFLICT',
      `Event "${eventId}" of session "${sessionId}" is stored already with other content; nothing was changed`,
    );
  }
}

/** The session has no event with this id. */
export class EventNotFoundError extends DomainError {
  constructor(sessionId: string, eventId: string) {
    super('EVENT_NOT_FOUND', `There is no event "${eventId}" in session "${sessionId}"`);
  }
}
