import { Deadline } from './deadline.js';
import { NoAnswerError, ServiceError } from './errors.js';
import { type Retry } from './types.js';

/**
 * Too slow, too many requests, and statuses of proxies and of the service while it is unavailable. Not 409, which a
 * retry would not change.
 */
const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** How the engines of browsers call a connection that failed; every other TypeError is a mistake, which stays. */
const BROWSERS_NETWORK_ERROR =
  /^(Failed to fetch|network error|NetworkError|Load failed|Error in input stream)/i;

/** Whether a retry may succeed: after these statuses, and after connections that were refused, broken or silent. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ServiceError) return PASSING.has(error.status);
  if (error instanceof TypeError)
    return codeOf(error) !== undefined || BROWSERS_NETWORK_ERROR.test(error.message);
  return codeOf(error) !== undefined || (error instanceof DOMException && error.name !== 'DataCloneError');
}

/** Node.js puts the error of the connection, which has a code, into `cause`. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return [cause?.code, code].find((each) => typeof each === 'string');
}

/** What went wrong, in words: "fetch failed" itself says nothing. */
export function reasonOf(error: unknown): string {
  const cause = (error as Error).cause;
  if (!(cause instanceof Error)) return (error as Error).message;
  const [first] = cause instanceof AggregateError ? (cause.errors as Error[]) : [cause]; // one for each address
  return first?.message ?? cause.message;
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

export interface RetryLimits {
  /** Named in messages. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly tryTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Called before each pause; whatever it throws ends the retries. */
  readonly onRetry: (retry: Retry) => void;
  /** Whether what looks like a broken connection is a mistake that stays; then it throws. */
  readonly check: (error: unknown) => Promise<void>;
}

/**
 * Retries until it succeeds, fails permanently, or no time is left for another attempt.
 *
 * @throws ServiceError if the service refuses; also a 503 and the like when the time is up.
 * @throws NoAnswerError if the time is up without a response.
 * @throws the signal's reason.
 */
export async function retrying<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { url, timeoutMs, tryTimeoutMs, signal, onRetry, check }: RetryLimits,
): Promise<T> {
  const end = performance.now() + timeoutMs; // not the system clock, which may be changed
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    try {
      return await within(Math.min(tryTimeoutMs, end - performance.now()), signal, attempt);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error)) throw error;
      await check(error);
      const pauseMs = pauseAfter(error, failures);
      if (performance.now() + pauseMs >= end) {
        if (error instanceof ServiceError) throw error;
        throw new NoAnswerError(`No answer from ${url} within ${timeoutMs} ms: ${reasonOf(error)}`, {
          cause: error,
        });
      }
      onRetry({ url, reason: reasonOf(error), error, failures: failures + 1, pauseMs });
      await sleep(pauseMs, signal);
    }
  }
}

async function within<T>(
  ms: number,
  outer: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(Math.max(0, Math.ceil(ms)), outer);
  try {
    return await attempt(deadline.signal);
  } finally {
    deadline.close();
  }
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
