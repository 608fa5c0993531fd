import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, LostAnswer, type HttpAnswer } from './http.js';
import { isUnknown, now, type Answer, type Exchange, type HistoryRecorder, type Request } from './history.js';
import { type Random } from './random.js';

/** The address of an instance. */
export interface Endpoint {
  readonly name: string;
  readonly url: string;
}

export interface ClientOptions {
  readonly endpoints: readonly Endpoint[];
  readonly recorder: HistoryRecorder;
  readonly random: Random;
  /** The longest wait for one response. */
  readonly timeoutMs?: number;
  /** How long it keeps retrying one request. */
  readonly patienceMs?: number;
}

/**
 * A client as the contract requires: it chooses unique ids, limits every wait, and retries a request with unknown
 * outcome after a growing, random pause, at the next instance. All attempts are recorded in the history.
 */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 2 });
  private readonly options: Required<ClientOptions>;
  private turn: number;

  constructor(options: ClientOptions) {
    this.options = { timeoutMs: 4000, patienceMs: 30_000, ...options };
    this.turn = options.random.whole(0, options.endpoints.length - 1);
  }

  /**
   * Sends a request until its outcome is known.
   *
   * @returns the last attempt; if time ran out, one without a response below 500.
   */
  async send(request: Request, isOver: () => boolean = () => false): Promise<Exchange> {
    const { random, patienceMs } = this.options;
    const startedAt = now();
    for (let attempt = 1; ; attempt++) {
      const last = await this.attempt(request, attempt);
      if (!isUnknown(last) || now() - startedAt > patienceMs || isOver()) return last;
      await sleep(random.whole(5, 25 * 2 ** Math.min(attempt, 5)));
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private async attempt(request: Request, attempt: number): Promise<Exchange> {
    const { endpoints, recorder, timeoutMs } = this.options;
    const endpoint = endpoints[this.turn++ % endpoints.length] as Endpoint;
    const sentAt = now();
    const about = { instance: endpoint.name, request, attempt, sentAt };
    try {
      const answer = readAnswer(
        await exchange({ ...toHttp(endpoint.url, request), timeoutMs, agent: this.agent }),
      );
      return recorder.add({ ...about, endedAt: now(), answer } as Omit<Exchange, 'index'>);
    } catch (error) {
      if (!(error instanceof LostAnswer)) throw error;
      return recorder.add({ ...about, endedAt: now(), lost: error.message });
    }
  }
}

function toHttp(base: string, request: Request) {
  const session = `${base}/sessions/${encodeURIComponent(request.sessionId)}`;
  switch (request.kind) {
    case 'create':
      return {
        method: 'POST',
        url: `${base}/sessions`,
        body: request.body,
        headers: preferring(request.strict),
      };
    case 'append':
      return {
        method: 'POST',
        url: `${session}/events`,
        body: request.body,
        headers: preferring(request.strict),
      };
    case 'batch':
      return { method: 'POST', url: `${session}/events/batch`, body: request.body };
    case 'patch':
      return {
        method: 'PATCH',
        url: session,
        body: request.body,
        headers: { 'content-type': 'application/merge-patch+json' },
      };
    case 'delete':
      return { method: 'DELETE', url: session };
    case 'complete':
      return { method: 'POST', url: `${session}/complete`, body: request.body };
    case 'read': {
      const given = Object.entries(request.query).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      return { method: 'GET', url: `${session}?${new URLSearchParams(given).toString()}` };
    }
  }
}

function preferring(strict: boolean): Record<string, string> {
  return strict ? { prefer: 'handling=strict' } : {};
}

function readAnswer({ status, headers, text }: HttpAnswer): Answer {
  return {
    status,
    replayed: headers['idempotent-replayed'] === 'true',
    mismatch: headers['idempotent-mismatch'] === 'true',
    retryAfter: headers['retry-after'],
    body: (text === '' ? null : JSON.parse(text)) as Answer['body'],
  };
}
