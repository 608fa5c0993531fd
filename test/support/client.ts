import { Agent } from 'node:http';
import supertest from 'supertest';
import { send, type Answer, type ExactRequest } from './http.js';
import {
  type BatchBody,
  type EventBody,
  type EventListBody,
  type ListBody,
  type ReadBody,
  type SessionBody,
} from './representations.js';

type Headers = Readonly<Record<string, string | string[]>>;

const JSON_TYPE = { 'Content-Type': 'application/json' };

/**
 * A client of the service: supertest with a method for each endpoint; and `send` for requests that have to go out byte for
 * byte, which supertest would normalise.
 */
export class ServiceClient {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(readonly origin: string) {}

  create(body: object, headers: Headers = {}): Promise<Answer<SessionBody>> {
    return this.post('/sessions', body, headers) as Promise<Answer<SessionBody>>;
  }

  append(sessionId: string, body: object, headers: Headers = {}): Promise<Answer<EventBody>> {
    return this.post(`${pathOf(sessionId)}/events`, body, headers) as Promise<Answer<EventBody>>;
  }

  appendBatch(
    sessionId: string,
    events: readonly object[],
    headers: Headers = {},
  ): Promise<Answer<BatchBody>> {
    return this.post(`${pathOf(sessionId)}/events/batch`, { events }, headers) as Promise<Answer<BatchBody>>;
  }

  listEvents(
    sessionId: string,
    query: Readonly<Record<string, string | number>> = {},
  ): Promise<Answer<EventListBody>> {
    return this.send({ path: `${pathOf(sessionId)}/events${queryOf(query)}` }) as Promise<
      Answer<EventListBody>
    >;
  }

  complete(sessionId: string, body: object = {}, headers: Headers = {}): Promise<Answer<SessionBody>> {
    return this.post(`${pathOf(sessionId)}/complete`, body, headers) as Promise<Answer<SessionBody>>;
  }

  list(query: Readonly<Record<string, string | number>> = {}): Promise<Answer<ListBody>> {
    return this.send({ path: `/sessions${queryOf(query)}` }) as Promise<Answer<ListBody>>;
  }

  /** Sends a merge patch of a session. */
  patch(sessionId: string, body: unknown, headers: Headers = {}): Promise<Answer<SessionBody>> {
    return this.send({
      method: 'PATCH',
      path: pathOf(sessionId),
      headers: { 'Content-Type': 'application/merge-patch+json', ...headers },
      body: JSON.stringify(body),
    }) as Promise<Answer<SessionBody>>;
  }

  /** A session with all its events, as lines of JSON. */
  export(sessionId: string): Promise<Answer> {
    return this.send({ path: `${pathOf(sessionId)}/export` });
  }

  delete(sessionId: string): Promise<Answer> {
    return this.send({ method: 'DELETE', path: pathOf(sessionId) });
  }

  async read(
    sessionId: string,
    query: Readonly<Record<string, string | number>> = {},
  ): Promise<Answer<ReadBody>> {
    return supertest(this.origin)
      .get(`${pathOf(sessionId)}${queryOf(query)}`)
      .agent(this.agent);
  }

  async post(path: string, body: object, headers: Headers = {}): Promise<Answer> {
    return supertest(this.origin)
      .post(path)
      .agent(this.agent)
      .set({ ...JSON_TYPE, ...headers })
      .send(JSON.stringify(body));
  }

  /** Posts a text that stands for JSON, for what `JSON.stringify` would not write. */
  postText(path: string, body: string | Buffer, headers: Headers = {}): Promise<Answer> {
    return this.send({ method: 'POST', path, headers: { ...JSON_TYPE, ...headers }, body });
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number> {
    const { text } = await this.send({ path: '/metrics' });
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  send(request: ExactRequest): Promise<Answer> {
    return send(this.origin, this.agent, request);
  }

  /** Closes the connections that are kept alive. */
  close(): void {
    this.agent.destroy();
  }
}

/** The path of a session. `.` is encoded by nobody, and needs not be: such ids are refused. */
export function pathOf(sessionId: string): string {
  return `/sessions/${encodeURIComponent(sessionId)}`;
}

/** Not left to supertest, whose query drops parameters such as `__proto__`. */
function queryOf(query: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}
