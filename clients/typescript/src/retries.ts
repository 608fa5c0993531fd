import { NoAnswerError, ServiceError } from './errors.js';

/**
 * Too slow, too many requests, and statuses of proxies and of the service while it is unavailable. Not 409, which a
 * retry would not change.
 */
const PASSING: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** Whether a retry may succeed: after these statuses, and after connections that were refused, broken or silent. */
export function isPassing(error: unknown): boolean {
  return error instanceof ServiceError ? PASSING.has(error.status) : true;
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

/**
 * Retries until it succeeds, fails permanently, or no time is left for another attempt.
 *
 * @throws ServiceError if the service refuses.
 * @throws NoAnswerError if the time is up.
 * @throws the signal's reason.
 */
export async function retrying<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  limits: {
    readonly timeoutMs: number;
    readonly tryTimeoutMs: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const { signal } = limits;
  const end = performance.now() + limits.timeoutMs; // not the system clock, which may be changed
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    try {
      const tryMs = Math.max(0, Math.ceil(Math.min(limits.tryTimeoutMs, end - performance.now())));
      return await attempt(eitherOf(AbortSignal.timeout(tryMs), signal));
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error)) throw error;
      const pause = pauseAfter(error, failures);
      if (performance.now() + pause >= end) {
        if (error instanceof ServiceError) throw error;
        throw new NoAnswerError(`No answer within ${limits.timeoutMs} ms`, { cause: error });
      }
      await sleep(pause, signal);
    }
  }
}

export function eitherOf(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other ? AbortSignal.any([one, other]) : one;
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
