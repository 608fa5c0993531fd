import { type NextFunction, type Response } from 'express';

/**
 * Ends a request with an error when its handler has not answered within some milliseconds. What the handler comes to
 * afterwards goes nowhere (`AnswerAdapter`, `AllExceptionsFilter`); what it was about may still be done.
 */
export function setDeadline(response: Response, next: NextFunction, ms: number, error: () => Error): void {
  const timer = setTimeout(() => {
    next(error());
  }, ms);
  response.on('close', () => {
    clearTimeout(timer);
  });
}
