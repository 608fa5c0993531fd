import { STATUS_CODES } from 'node:http';
import { type DomainError, type ErrorDetail } from './domain-error.js';
import { errorCatalogue } from './error-catalogue.js';

/** The request that an error responds to, as far as it is known. */
export interface RefusedRequest {
  readonly path: string;
  readonly method: string;
  readonly requestId: string;
}

/** The most faults that an error lists; a request may have very many. */
const MAX_DETAILS = 20;

/** The body of every error response; docs/errors.md shows it. */
export function errorBody(error: DomainError, { path, method, requestId }: RefusedRequest) {
  const { status } = errorCatalogue[error.code];
  return {
    statusCode: status,
    error: STATUS_CODES[status],
    code: error.code,
    ...(error.details ? describeFaults(error.details) : { message: error.message }),
    path,
    method,
    timestamp: new Date().toISOString(),
    requestId,
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
