import { Deadline } from './deadline.js';
import { ServiceError, UnreadableError } from './errors.js';
import { retrying } from './retries.js';
import { type CallOptions, type ClientOptions, type Retry } from './types.js';

const TIMEOUT_MS = 30_000;
const TRY_TIMEOUT_MS = 10_000;

/** The service sends something every 15 s; a stream that is silent for longer than this is considered lost. */
const SILENCE_MS = 45_000;

export interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the response may take by itself, in milliseconds. */
  readonly waitMs?: number;
}

export interface Answer<T> {
  readonly body: T;
  readonly headers: Headers;
}

/** A response whose body is read as it comes, until it is closed. */
export interface OpenStream {
  readonly response: Response;
  /** Tells that something arrived. */
  readonly heard: () => void;
  readonly close: () => void;
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
    const { body, headers, method = 'GET', waitMs = 0 } = request;
    const text = body === undefined ? null : JSON.stringify(body);
    return this.retrying(path, options, waitMs, async (signal) => {
      const response = await this.request(path, { Accept: 'application/json', ...headers }, signal, {
        method,
        body: text,
      });
      if (!response.ok) throw await ServiceError.from(response);
      return { text: await response.text(), headers: response.headers };
    });
  }

  /** Sends a request whose response is JSON. @throws UnreadableError if it is not. */
  async json<T>(path: string, request: Request, options: CallOptions): Promise<Answer<T>> {
    const { text, headers } = await this.send(path, request, options);
    return { body: parseJson(text, this.urlOf(path)) as T, headers };
  }

  /** Opens a stream, once. @throws ServiceError if the service refuses. */
  async open(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<OpenStream> {
    const deadline = new Deadline(SILENCE_MS, signal);
    try {
      const response = await this.request(path, headers, deadline.signal);
      if (!response.ok) throw await ServiceError.from(response);
      const heard = () => {
        deadline.heard();
      };
      const close = () => {
        deadline.close();
      };
      return { response, heard, close };
    } catch (error) {
      deadline.close();
      throw error;
    }
  }

  /** Repeats what fails for a while. @see retrying */
  retrying<T>(
    path: string,
    { signal, timeoutMs = this.options.timeoutMs ?? TIMEOUT_MS }: CallOptions,
    waitMs: number,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return retrying(attempt, {
      url: this.urlOf(path),
      timeoutMs: timeoutMs + waitMs,
      tryTimeoutMs: (this.options.tryTimeoutMs ?? TRY_TIMEOUT_MS) + waitMs,
      signal,
      onRetry: this.onRetry,
      check: (error) => this.check(error),
    });
  }

  /** Tells of a failure that is followed by another attempt: unless the client's user listens, the first one by a warning. */
  readonly onRetry = (retry: Retry): void => {
    if (this.options.onRetry) {
      this.options.onRetry(retry);
    } else if (!this.warned) {
      this.warned = true;
      console.warn(`No answer from ${retry.url}: ${retry.reason}. Trying again.`);
    }
  };

  /**
   * A browser calls a response that its page may not read a failed connection. Where a request that asks for nothing to
   * read comes through, that is what happened.
   *
   * @throws TypeError
   */
  async check(error: unknown): Promise<void> {
    const { origin } = globalThis as { origin?: unknown };
    if (typeof origin !== 'string' || !(error instanceof TypeError)) return;
    const answers = await this.fetch(`${this.base}/health/live`, { mode: 'no-cors' }).then(
      () => true,
      () => false,
    );
    if (!answers) return;
    const message = `${this.base} answers, but not to pages of ${origin}: name that in its CORS_ORIGINS`;
    throw new TypeError(message, { cause: error });
  }

  private request(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    init: { readonly method?: string; readonly body?: string | null } = {},
  ): Promise<Response> {
    return this.fetch(this.urlOf(path), {
      ...init,
      headers: { ...this.options.headers, ...headers },
      signal,
    });
  }
}

/** @throws UnreadableError if it is not JSON. */
export function parseJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UnreadableError(`What ${from} answered is not JSON: ${JSON.stringify(text.slice(0, 100))}`, {
      cause: error,
    });
  }
}

function addressOf(baseUrl: string | URL): string {
  const url = URL.canParse(String(baseUrl)) ? new URL(baseUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(
      `baseUrl is "${String(baseUrl)}", but has to be a URL with http:// or https://, such as http://localhost:3000`,
    );
  }
  return url.href.replace(/\/+$/, '');
}
