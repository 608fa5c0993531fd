import { type NextFunction, type Response } from 'express';
import { whenOver } from './connections.js';
import { StoreUnavailableError } from './domain-error.js';

const deadlines = new WeakMap<Response, NodeJS.Timeout>();

/**
 * Answers 503 when a request has not been answered within some milliseconds. What its handler comes to afterwards is
 * neither serialised nor sent; what the request was about may still be done. A request has one deadline, the first set.
 *
 * @param next hands the error to the exception filter.
 */
export function setDeadline(response: Response, next: NextFunction, ms: number): void {
  if (deadlines.has(response)) return;
  const timer = setTimeout(() => {
    next(new StoreUnavailableError());
  }, ms);
  deadlines.set(response, timer);
  whenOver(response, () => {
    clearTimeout(timer);
  });
}

/** Removes a request's deadline. The caller must make sure that the request ends. */
export function liftDeadline(response: Response): void {
  clearTimeout(deadlines.get(response));
}
