import { STATUS_CODES } from 'node:http';
import { type DomainError } from './domain-error.js';
import { errorCatalogue } from './error-catalogue.js';

/** The request an error answers, as far as it is known. */
export interface RefusedRequest {
  readonly path: string;
  readonly method: string;
  readonly requestId: string;
}

/** The body of every answer that is an error; docs/errors.md shows it. */
export function errorBody(error: DomainError, { path, method, requestId }: RefusedRequest) {
  const { status } = errorCatalogue[error.code];
  return {
    statusCode: status,
    error: STATUS_CODES[status],
    code: error.code,
    message: error.details ? error.details.map(({ message }) => message) : error.message,
    ...(error.details && { details: error.details }),
    path,
    method,
    timestamp: new Date().toISOString(),
    requestId,
  };
}
