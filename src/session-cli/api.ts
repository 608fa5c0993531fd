import { STATUS_CODES } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { CommandError, UsageError } from '../command-line/program.js';

/** What is worth another try: a time-out, a limit, and what a service or a proxy says while it is not there. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** With pauses that double from the first to the longest, up to half a minute and at least some seconds. */
const MAX_TRIES = 10;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
/** How long a service may keep silent: before its response, and within it. */
const TIMEOUT_MS = 60_000;

type Method = Dispatcher.HttpMethod;

/** A fault of a request, as the service names it. */
interface Detail {
  readonly field: string;
  readonly message: string;
}

/** A response of the service; the body is what its JSON says. */
export interface ApiResponse<Body> {
  readonly status: number;
  readonly body: Body;
}

/** What came back, whatever it is. */
interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The body of an error. */
interface ErrorBody {
  readonly code?: string;
  readonly message?: string | readonly string[];
  readonly details?: readonly Detail[];
}

/** A request that the service has refused for good: to send it again would not help. */
export class RefusedError extends CommandError {
  readonly code: string | undefined;
  readonly details: readonly Detail[];

  constructor(
    readonly status: number,
    what: string,
    { code, message, details = [] }: ErrorBody,
  ) {
    super(
      `${what}: ${status} ${code ?? ''} ${[message ?? []].flat().join('; ')}`.replaceAll(/ +/g, ' ').trim(),
    );
    this.code = code;
    this.details = details;
  }
}

/** A service, by its API. What may pass is tried again, for some time; each write is safe to repeat. */
export class SessionApi {
  private readonly origin: URL;
  /** As many as there are requests at once. With `fetch`, an import took more than twice the processor time. */
  private readonly connections = new Agent({ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });

  /**
   * @param to where the service is, such as `http://localhost:3000`.
   * @throws UsageError
   */
  constructor(to: string) {
    if (!/^https?:\/\//i.test(to) || !URL.canParse(to)) {
      throw new UsageError(
        `--to must be the address of a service such as http://localhost:3000, not "${to}".`,
      );
    }
    this.origin = new URL(to.endsWith('/') ? to : `${to}/`);
  }

  /** As a person knows it. */
  get name(): string {
    return this.origin.href.replace(/\/$/, '');
  }

  /** Finds out at once whether anything is there, for whoever forgot to start it. @throws CommandError */
  async expectThere(): Promise<void> {
    try {
      await this.try('GET', '');
    } catch (error) {
      throw new CommandError(
        `There is no service at ${this.name} (${reasonOf(error)}). Start it, or say where it is by --to.`,
      );
    }
  }

  /**
   * @param path below the address, such as `sessions`; what clients make up in it is encoded.
   * @throws RefusedError
   * @throws CommandError where the service is not there for too long.
   */
  async send<Body>(method: Method, path: string, body?: object): Promise<ApiResponse<Body>> {
    let reason = '';
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      let retryAfterMs = 0;
      try {
        const { status, headers, text } = await this.try(method, path, body);
        const answered = jsonIn(text) as Body & ErrorBody;
        if (status >= 200 && status < 300) return { status, body: answered };
        if (!PASSING_STATUSES.has(status)) {
          const { location } = headers;
          const said = location === undefined ? answered : { message: `is at ${String(location)}` };
          throw new RefusedError(status, `${method} /${path}`, said);
        }
        reason = `${status} ${answered.code ?? STATUS_CODES[status] ?? ''}`;
        retryAfterMs = 1000 * (Number(headers['retry-after']) || 0);
      } catch (error) {
        if (error instanceof CommandError) throw error;
        reason = reasonOf(error);
      }
      if (tries < MAX_TRIES) await sleep(pauseMs(tries, retryAfterMs));
    }
    throw new CommandError(`${this.name} does not answer (${reason}), tried ${MAX_TRIES} times.`);
  }

  private async try(method: Method, path: string, body?: object): Promise<RawResponse> {
    const response = await request(new URL(path, this.origin), {
      method,
      dispatcher: this.connections,
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() };
  }
}

/** The path of a session below the address of its service. */
export function pathOf(sessionId: string): string {
  return `sessions/${encodeURIComponent(sessionId)}`;
}

/** A random part of a growing pause, so that many clients do not come back together; never before the service said. */
function pauseMs(tries: number, retryAfterMs: number): number {
  const longest = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
  return Math.min(retryAfterMs, MAX_PAUSE_MS) + longest * (0.5 + Math.random() / 2);
}

/** The JSON of a response; of what a proxy answers, which may be anything, nothing. */
function jsonIn(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}

/** Where a name has several addresses, and none of them answers, the error has no message. */
function reasonOf(error: unknown): string {
  return error instanceof Error
    ? error.message || String((error as NodeJS.ErrnoException).code)
    : String(error);
}
