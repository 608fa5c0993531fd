import { type components } from './openapi.js';
import { type Session, type SessionEvent } from './types.js';

type ErrorBody = components['schemas']['Error'];

/** The service refused a request. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly status: number,
    /** The code to branch on; undefined if a proxy sent the response. */
    readonly code: string | undefined,
    message: string,
    /** The faults, by field. */
    readonly details: ErrorBody['details'],
    /** The id of the request in the service's log. */
    readonly requestId: string | undefined,
    /** Milliseconds after which the service wants a retry. */
    readonly retryAfterMs: number,
  ) {
    super(message);
  }

  /** Parses an error response. */
  static async from(response: Response): Promise<ServiceError> {
    const text = await response.text();
    const body = parse(text);
    return new ServiceError(
      response.status,
      body.code,
      [body.message ?? `HTTP ${response.status}`].flat().join('; '),
      body.details,
      response.headers.get('x-request-id') ?? undefined,
      Math.max(0, Number(response.headers.get('retry-after') ?? 0) * 1000) || 0,
    );
  }
}

/**
 * No response arrived in time, and it is unknown whether the request was carried out. The last failure is its `cause`.
 */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** The response is not the service's: a success that is not JSON, or an export without its last line. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

/** A session or an event is stored already under this id with other content, which stays. */
export class MismatchError extends Error {
  override readonly name = 'MismatchError';

  constructor(
    message: string,
    /** What is stored under the ids. */
    readonly stored: readonly (Session | SessionEvent)[],
  ) {
    super(message);
  }
}

function parse(text: string): Partial<ErrorBody> {
  try {
    return JSON.parse(text) as Partial<ErrorBody>;
  } catch {
    return {}; // the page of a proxy
  }
}
