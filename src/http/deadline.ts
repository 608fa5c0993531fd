import { type NextFunction, type Response } from 'express';
import { StoreUnavailableError } from './domain-error.js';

/**
 * Answers 503 when the handler of a request has not answered within some milliseconds. What it comes to afterwards goes
 * nowhere (`AnswerAdapter`, `AllExceptionsFilter`); what the request was about may still be done.
 */
export function setDeadline(response: Response, next: NextFunction, ms: number): void {
  const timer = setTimeout(() => {
    next(new StoreUnavailableError());
  }, ms);
  response.on('close', () => {
    clearTimeout(timer);
  });
}
