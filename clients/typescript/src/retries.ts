import { NoAnswerError, ServiceError } from './errors.js';

/**
 * Too slow, too many requests, and statuses of proxies and of the service while it is unavailable. Not 409, which a
 * retry would not change.
 */
const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** What browsers call a connection that failed. Every other TypeError is a mistake, which stays. */
const BROWSERS_NETWORK_ERROR =
  /^(Failed to fetch|network error|NetworkError|Load failed|Error in input stream)/i;

/** Whether a retry may succeed: after these statuses, and after connections that were refused, broken or silent. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ServiceError) return PASSING.has(error.status);
  if (error instanceof NoAnswerError) return true; // a stream's
  if (error instanceof TypeError) return hasCode(error) || BROWSERS_NETWORK_ERROR.test(error.message);
  return hasCode(error) || error instanceof DOMException;
}

/** Node.js gives the error of a connection a code, and makes it the cause of a TypeError. */
function hasCode(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return typeof code === 'string' || typeof cause?.code === 'string';
}

/** What went wrong, in words: those of the cause, since "fetch failed" says nothing. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]); // one for each address
  return cause instanceof Error ? cause.message : message;
}

/**
 * The pause before the next attempt: random, so that clients do not return all at once, and at least as long as
 * requested.
 */
export function pauseAfter(error: unknown, failures: number): number {
  const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  const asked = error instanceof ServiceError ? error.retryAfterMs : 0;
  return asked + Math.random() * most;
}

/** @throws the signal's reason. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
