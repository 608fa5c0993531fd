import { setTimeout as sleep } from 'node:timers/promises';
import { isUnknown, now, type Answer, type Exchange, type Kind, type Requests } from './history.js';
import { chance, pick, whole } from './random.js';

/** The longest wait for one response; the service gives up on its store earlier. */
const TIMEOUT_MS = 4000;
/** How long a client keeps retrying one request. */
const PATIENCE_MS = 30_000;
/** How long a client keeps away from an instance that did not serve it, as a load balancer would; mostly. */
const AVOID_MS = 2000;

/** The address of an instance. */
export interface Endpoint {
  readonly name: string;
  readonly url: string;
}

interface HttpRequest {
  readonly method: string;
  /** Below the session; undefined for the sessions. */
  readonly path: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const HTTP: { readonly [K in Kind]: (request: Requests[K]) => HttpRequest } = {
  create: ({ body, strict }) => ({ method: 'POST', path: undefined, body, headers: preferring(strict) }),
  append: ({ body, strict }) => ({ method: 'POST', path: '/events', body, headers: preferring(strict) }),
  batch: ({ body }) => ({ method: 'POST', path: '/events/batch', body }),
  patch: ({ body }) => ({
    method: 'PATCH',
    path: '',
    body,
    headers: { 'content-type': 'application/merge-patch+json' },
  }),
  complete: ({ body }) => ({ method: 'POST', path: '/complete', body }),
  delete: () => ({ method: 'DELETE', path: '' }),
  redact: ({ eventId }) => ({ method: 'DELETE', path: `/events/${eventId}` }),
  read: ({ query }) => ({
    method: 'GET',
    path: `?${Object.entries(query)
      .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
      .join('&')}`,
  }),
};

/**
 * A client as the contract requires: it chooses unique ids, limits every wait, and retries a request with unknown
 * outcome after a growing, random pause, at any instance. All attempts are recorded in the history.
 */
export class Client {
  private readonly avoidedUntil = new Map<Endpoint, number>();

  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly record: (exchange: Exchange) => void,
  ) {}

  /**
   * Sends a request until its outcome is known.
   *
   * @returns the last attempt; if time ran out, one without a response below 500.
   */
  async send<K extends Kind>(
    kind: K,
    sessionId: string,
    request: Requests[K],
    isOver: () => boolean = () => false,
  ): Promise<Exchange<K>> {
    const startedAt = now();
    for (let attempt = 1; ; attempt++) {
      const endpoint = this.choose();
      const sentAt = now();
      const answer = await ask(endpoint, sessionId, HTTP[kind](request));
      const about = { kind, sessionId, instance: endpoint.name, request, sentAt, endedAt: now() };
      const exchange = { ...about, ...(answer && { answer }) } as Exchange<K>;
      this.record(exchange);
      if (!isUnknown(exchange)) return exchange;
      this.avoidedUntil.set(endpoint, now() + AVOID_MS);
      if (now() - startedAt > PATIENCE_MS || isOver()) return exchange;
      await sleep(whole(5, 25 * 2 ** Math.min(attempt, 5)));
    }
  }

  private choose(): Endpoint {
    const good = this.endpoints.filter((endpoint) => (this.avoidedUntil.get(endpoint) ?? 0) < now());
    return pick(good.length === 0 || chance(0.1) ? this.endpoints : good);
  }
}

/** @returns undefined if no complete response came in time. */
async function ask(
  { url }: Endpoint,
  sessionId: string,
  { method, path, body, headers }: HttpRequest,
): Promise<Answer | undefined> {
  const target = path === undefined ? '' : `/${encodeURIComponent(sessionId)}${path}`;
  try {
    const response = await fetch(`${url}/sessions${target}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return {
      status: response.status,
      replayed: response.headers.get('idempotent-replayed') === 'true',
      mismatch: response.headers.get('idempotent-mismatch') === 'true',
      retryAfter: response.headers.get('retry-after') ?? undefined,
      body: (text === '' ? null : JSON.parse(text)) as Answer['body'],
    };
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    return undefined;
  }
}

function preferring(strict: boolean): Record<string, string> {
  return strict ? { prefer: 'handling=strict' } : {};
}
