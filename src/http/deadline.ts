import { type NextFunction, type Response } from 'express';
import { whenOver } from './connections.js';
import { StoreUnavailableError } from './domain-error.js';

const DEADLINE = Symbol('deadline');

/** A response, and what ends it in time. On it, not in a WeakMap, where what is over stays until a full collection. */
type Timed = Response & { [DEADLINE]?: NodeJS.Timeout };

/**
 * Answers 503 when a request has not been answered within some milliseconds. What its handler comes to afterwards is
 * neither serialised nor sent; what the request was about may still be done. A request has one deadline, the first set.
 *
 * @param next hands the error to the exception filter.
 */
export function setDeadline(response: Timed, next: NextFunction, ms: number): void {
  if (response[DEADLINE]) return;
  const timer = setTimeout(() => {
    next(new StoreUnavailableError());
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
