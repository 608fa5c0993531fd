import { STATUS_CODES } from 'node:http';
import { errorCatalogue, type ErrorCode } from './error-catalogue.js';

/** An invalid field of a request. */
export interface ErrorDetail {
  /** The field's name as the client wrote it (`payload`, `limit`), or the header's. */
  readonly field: string;
  /** A sentence. If the fault is inside the field, it starts with a JSON Pointer (RFC 6901) to the place. */
  readonly message: string;
}

export interface DomainErrorOptions {
  readonly details?: readonly ErrorDetail[];
  /** Response headers that belong to the error, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error for the client. Its code decides the status. */
export class DomainError extends Error {
  override readonly name: string = 'DomainError';
  readonly details: readonly ErrorDetail[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    { details, headers = {}, cause }: DomainErrorOptions = {},
  ) {
    super(message, { cause });
    this.details = details;
    this.headers = headers;
  }
}

/** The request has invalid fields; there is at least one detail. */
export class ValidationFailedError extends DomainError {
  constructor(details: readonly [ErrorDetail, ...ErrorDetail[]]) {
    super('VALIDATION_FAILED', details[0].message, { details });
  }
}

/** The store is unreachable, too slow, or too busy. The write may have been done or not. */
export class StoreUnavailableError extends DomainError {
  constructor(
    cause?: unknown,
    message = 'The store is not available at the moment; the request is safe to retry.',
  ) {
    super('STORE_UNAVAILABLE', message, {
      headers: { 'Retry-After': '1' },
      cause,
    });
  }
}

/** The most faults that an error lists; a request may have very many. */
const MAX_DETAILS = 20;

/**
 * The body of every error response; docs/errors.md shows it.
 *
 * @param request the request that is refused, as the body names it.
 */
export function errorBody(
  { code, message, details }: DomainError,
  request: { readonly path: string; readonly method: string; readonly requestId: string },
) {
  const { status } = errorCatalogue[code];
  return {
    statusCode: status,
    error: STATUS_CODES[status],
    code,
    ...(details ? describeFaults(details) : { message }),
    path: request.path,
    method: request.method,
    timestamp: new Date().toISOString(),
    requestId: request.requestId,
  };
}

/** The sentences of faults and where they are; of very many, the first ones and how many there are. */
export function describeFaults(all: readonly ErrorDetail[]) {
  const details = all.slice(0, MAX_DETAILS);
  const message = details.map((detail) => detail.message);
  const rest = all.length - details.length;
  if (rest > 0) message.push(rest === 1 ? '1 more fault is not named' : `${rest} more faults are not named`);
  return { message, details };
}
