import { Deadline } from './deadline.js';
import { NoAnswerError, ServiceError, UnreadableError } from './errors.js';
import { isPassing, pauseAfter, reasonOf, sleep } from './retries.js';
import { type CallOptions, type ClientOptions, type Retry } from './types.js';

const TIMEOUT_MS = 30_000;
const TRY_TIMEOUT_MS = 10_000;
/** What the last attempt has in any case, so that a call that takes too long ends with what is really wrong. */
const SHORTEST_TRY_MS = 100;

/** The service sends something every 15 s; a stream that is silent for longer than this is considered lost. */
const SILENCE_MS = 45_000;

export interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the response may take by itself, in milliseconds. */
  readonly waitMs?: number;
}

/** A response whose body is read as it comes. Its deadline is told of what arrives, and closed at the end. */
export interface OpenStream {
  readonly response: Response;
  readonly deadline: Deadline;
}

/** What decides about another attempt. */
interface Attempts {
  readonly url: string;
  /** How many have failed in a row, before the last one. */
  readonly failures: number;
  /** When to give up, by `performance.now()`, which unlike the system clock is not changed; and the time until then. */
  readonly end: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onRetry: (retry: Retry) => void;
}

/** Sends requests to the service. */
export class Transport {
  private readonly base: string;
  private readonly fetch: typeof fetch;
  private warned = false;

  /** @throws TypeError if `baseUrl` is not the address of a service. */
  constructor(private readonly options: ClientOptions) {
    this.base = addressOf(options.baseUrl);
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  urlOf(path: string): string {
    return this.base + path;
  }

  /** Sends a request until there is a complete response. */
  send(path: string, request: Request, options: CallOptions): Promise<{ text: string; headers: Headers }> {
    const { body, waitMs = 0, method = 'GET' } = request;
    const init = { method, body: body === undefined ? null : JSON.stringify(body) };
    const headers = { Accept: 'application/json', ...request.headers };
    return this.retrying(path, options, waitMs, async (signal) => {
      const response = await this.request(path, headers, signal, init);
      return { text: await response.text(), headers: response.headers };
    });
  }

  /** Opens a stream, once. */
  async open(
    path: string,
    accept: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<OpenStream> {
    const deadline = new Deadline(SILENCE_MS, signal);
    try {
      return { response: await this.request(path, accept, deadline.signal), deadline };
    } catch (error) {
      deadline.close();
      throw error;
    }
  }

  /** Repeats an attempt that fails by what may pass, for as long as the call may take. */
  async retrying<T>(
    path: string,
    options: CallOptions,
    waitMs: number,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { signal } = options;
    const timeoutMs = (options.timeoutMs ?? this.options.timeoutMs ?? TIMEOUT_MS) + waitMs;
    const tryMs = (this.options.tryTimeoutMs ?? TRY_TIMEOUT_MS) + waitMs;
    const end = performance.now() + timeoutMs;
    for (let failures = 0; ; failures++) {
      signal?.throwIfAborted();
      const left = Math.max(SHORTEST_TRY_MS, Math.ceil(end - performance.now()));
      const deadline = new Deadline(Math.min(tryMs, left), signal);
      const attempts = { url: this.urlOf(path), failures, end, timeoutMs, signal, onRetry: this.onRetry };
      try {
        return await attempt(deadline.signal);
      } catch (error) {
        await this.pause(error, attempts);
      } finally {
        deadline.close();
      }
    }
  }

  /**
   * Pauses after a failure, if it may pass and there is time for another attempt.
   *
   * @throws the signal's reason, the failure if it stays or is what the service answers when the time is up, or else
   * NoAnswerError.
   */
  async pause(error: unknown, { url, failures, end, timeoutMs, signal, onRetry }: Attempts): Promise<void> {
    signal?.throwIfAborted();
    if (!isPassing(error)) throw error;
    const [reason, pauseMs] = [reasonOf(error), pauseAfter(error, failures)];
    if (performance.now() + pauseMs >= end) {
      if (error instanceof ServiceError) throw error;
      throw new NoAnswerError(`No answer from ${url} within ${timeoutMs} ms: ${reason}`, { cause: error });
    }
    onRetry({ url, reason, error, failures: failures + 1, pauseMs });
    await sleep(pauseMs, signal);
  }

  /** Tells of a failure before the next attempt: the first one by a warning, unless somebody listens. */
  readonly onRetry = (retry: Retry): void => {
    if (this.options.onRetry) {
      this.options.onRetry(retry);
    } else if (!this.warned) {
      this.warned = true;
      console.warn(`A request to ${retry.url} failed: ${retry.reason}. Trying again.`);
    }
  };

  /** @throws ServiceError if the service refuses. */
  private async request(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    init: { readonly method?: string; readonly body?: string | null } = {},
  ): Promise<Response> {
    const all = { ...this.options.headers, ...headers };
    const response = await this.fetch(this.urlOf(path), { ...init, headers: all, signal });
    if (!response.ok) throw await ServiceError.from(response);
    return response;
  }
}

/** @throws UnreadableError if it is not JSON. */
export function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const message = `The answer of ${from} is not JSON: ${JSON.stringify(text.slice(0, 100))}`;
    throw new UnreadableError(message, { cause: error });
  }
}

function addressOf(baseUrl: string | URL): string {
  const text = String(baseUrl);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `baseUrl is "${text}"; it has to begin with http:// or https://: http://localhost:3000`,
    );
  }
  return url.href.replace(/\/+$/, '');
}
