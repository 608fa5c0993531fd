import { ServiceError } from './errors.js';
import { follow } from './follow.js';
import { newId } from './ids.js';
import { retrying } from './retries.js';
import {
  type CallOptions,
  type ClientOptions,
  type End,
  type FollowOptions,
  type ListQuery,
  type NewEvent,
  type NewSession,
  type Outcome,
  type ReadQuery,
  type Session,
  type SessionEvent,
  type SessionList,
  type Transcript,
  type TranscriptEvent,
  type WriteOptions,
} from './types.js';

const TIMEOUT_MS = 30_000;
const TRY_TIMEOUT_MS = 10_000;

interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Written<T> {
  readonly body: T;
  readonly outcome: Outcome;
}

type BatchAnswer = { readonly results: readonly (Outcome & { readonly event: SessionEvent })[] };

/**
 * A client of the Conversation Session Service. It retries refused and broken connections, and the statuses 408, 429,
 * 502, 503 and 504, with growing, random pauses no shorter than `Retry-After`; every request is safe to repeat.
 *
 * Every method throws ServiceError if the service refuses, NoAnswerError if the time is up, and the reason of an
 * aborted signal.
 */
export class ConversationClient {
  private readonly base: string;
  private readonly fetch: typeof fetch;

  /** @throws TypeError if `baseUrl` is not a URL. */
  constructor(private readonly options: ClientOptions) {
    this.base = new URL(options.baseUrl).href.replace(/\/+$/, '');
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /** Creates a session, or returns the existing one. */
  async createSession(
    session: NewSession,
    options: WriteOptions = {},
  ): Promise<Outcome & { readonly session: Session }> {
    const { body, outcome } = await this.write<Session>('/sessions', session, options);
    return { session: body, ...outcome };
  }

  /** Appends an event to a session once, however often it has to be sent. */
  async append(
    sessionId: string,
    event: NewEvent,
    options: WriteOptions = {},
  ): Promise<Outcome & { readonly event: SessionEvent }> {
    const { body, outcome } = await this.write<SessionEvent>(
      `${pathOf(sessionId)}/events`,
      withId(event),
      options,
    );
    return { event: body, ...outcome };
  }

  /** Appends up to 100 events in order. @returns the result for each. */
  async appendBatch(
    sessionId: string,
    events: readonly NewEvent[],
    options: CallOptions = {},
  ): Promise<BatchAnswer['results']> {
    const path = `${pathOf(sessionId)}/events/batch`;
    return (await this.write<BatchAnswer>(path, { events: events.map(withId) }, options)).body.results;
  }

  /** Ends a session, or returns how it ended. */
  async complete(
    sessionId: string,
    end: End = {},
    options: CallOptions = {},
  ): Promise<Outcome & { readonly session: Session }> {
    const { body, outcome } = await this.write<Session>(`${pathOf(sessionId)}/complete`, end, options);
    return { session: body, ...outcome };
  }

  /** Changes metadata by a JSON Merge Patch: keys that it names are set, null removes them, others stay. */
  patch(
    sessionId: string,
    metadata: Readonly<Record<string, unknown>>,
    options: CallOptions = {},
  ): Promise<Session> {
    const headers = { 'Content-Type': 'application/merge-patch+json' };
    return this.json(pathOf(sessionId), { method: 'PATCH', body: { metadata }, headers }, options);
  }

  /** Deletes a session with its events permanently. */
  async delete(sessionId: string, options: CallOptions = {}): Promise<void> {
    await this.send(pathOf(sessionId), { method: 'DELETE' }, options);
  }

  /** Reads a session page by page: every event that exists at the beginning, once, even while others append. */
  read(
    sessionId: string,
    query: ReadQuery = {},
    options: CallOptions = {},
  ): AsyncGenerator<Transcript, void> {
    return this.pages<Transcript>(pathOf(sessionId), query, options);
  }

  /** Lists sessions page by page, newest first. */
  list(
    { metadata = {}, ...query }: ListQuery = {},
    options: CallOptions = {},
  ): AsyncGenerator<SessionList, void> {
    const filters = Object.entries(metadata).map(([key, value]) => [`metadata.${key}`, value] as const);
    return this.pages<SessionList>('/sessions', { ...query, ...Object.fromEntries(filters) }, options);
  }

  /**
   * Follows a session from its first event: each event once and in the order of the log, as soon as it is stored.
   * Broken connections are resumed where they were, for as long as it takes.
   *
   * @returns the session as it ended.
   */
  follow(sessionId: string, options: FollowOptions = {}): AsyncGenerator<TranscriptEvent, Session> {
    const path = pathOf(sessionId);
    const open = (headers: Readonly<Record<string, string>>, signal: AbortSignal) =>
      this.fetch(`${this.base}${path}/events/stream?afterSequence=${options.afterSequence ?? 0}`, {
        headers: { ...this.options.headers, ...headers },
        signal,
      });
    const session = () => this.json<Session>(`${path}?limit=1`, {}, callOptions(options.signal));
    return follow(open, session, options.signal);
  }

  private async *pages<Page extends { readonly pagination: { readonly nextCursor: string | null } }>(
    path: string,
    query: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): AsyncGenerator<Page, void> {
    let cursor: unknown = query['cursor'];
    do {
      const page = await this.json<Page>(`${path}?${queryOf({ ...query, cursor })}`, {}, options);
      yield page;
      cursor = page.pagination.nextCursor;
    } while (cursor !== null);
  }

  private async write<T>(
    path: string,
    body: unknown,
    { strict, ...options }: WriteOptions,
  ): Promise<Written<T>> {
    const headers = { 'Content-Type': 'application/json', ...(strict && { Prefer: 'handling=strict' }) };
    const { text, answered } = await this.send(path, { method: 'POST', body, headers }, options);
    const outcome = {
      replayed: answered.get('idempotent-replayed') === 'true',
      mismatch: answered.get('idempotent-mismatch') === 'true',
    };
    return { body: JSON.parse(text) as T, outcome };
  }

  private async json<T>(path: string, request: Request, options: CallOptions): Promise<T> {
    return JSON.parse((await this.send(path, request, options)).text) as T;
  }

  /** Sends a request until there is a complete response. */
  private send(path: string, { method = 'GET', body, headers }: Request, options: CallOptions) {
    const text = body === undefined ? null : JSON.stringify(body);
    const { signal, timeoutMs = this.options.timeoutMs ?? TIMEOUT_MS } = options;
    const tryTimeoutMs = this.options.tryTimeoutMs ?? TRY_TIMEOUT_MS;
    const all = { Accept: 'application/json', ...this.options.headers, ...headers };
    return retrying(
      async (trySignal) => {
        const response = await this.fetch(this.base + path, {
          method,
          headers: all,
          body: text,
          signal: trySignal,
        });
        if (!response.ok) throw await ServiceError.from(response);
        return { text: await response.text(), answered: response.headers };
      },
      { timeoutMs, tryTimeoutMs, signal },
    );
  }
}

/** The id is generated before the first attempt, so that all attempts are for the same event. */
function withId(event: NewEvent): NewEvent {
  return { ...event, eventId: event.eventId ?? newId() };
}

function pathOf(sessionId: string): string {
  return `/sessions/${encodeURIComponent(sessionId)}`;
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const known = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(
    known.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

function callOptions(signal: AbortSignal | undefined): CallOptions {
  return signal ? { signal } : {};
}
