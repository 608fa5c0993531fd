import { type NextFunction, type Response } from 'express';
import { whenOver } from './connections.js';
import { StoreUnavailableError } from '../errors/domain-error.js';

/** A request has no response in time, while its handler goes on. */
export class DeadlineError extends StoreUnavailableError {}

const DEADLINE = Symbol('deadline');

/** A response with its timer. Not in a WeakMap, where entries of finished requests stay until a full collection. */
type Timed = Response & { [DEADLINE]?: NodeJS.Timeout };

/**
 * Answers a request with 503 if it has no response after some milliseconds. A later result of its handler is neither
 * serialised nor sent; the operation itself may still complete. A request has one deadline, the first that is set.
 *
 * @param next passes the error to the exception filter.
 */
export function setDeadline(response: Timed, next: NextFunction, ms: number): void {
  if (response[DEADLINE]) return;
  const timer = setTimeout(() => {
    next(new DeadlineError());
  }, ms);
  response[DEADLINE] = timer;
  whenOver(response, () => {
    clearTimeout(timer);
  });
}

/** Removes a request's deadline. The caller must make sure that the request ends. */
export function liftDeadline(response: Timed): void {
  clearTimeout(response[DEADLINE]);
}
