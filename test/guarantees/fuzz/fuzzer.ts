import { type Random } from '../random.js';
import { bytesOf, MUTATIONS, type Draft } from './mutations.js';
import { endpointsOf, sampleOf, type Endpoint, type OpenApi } from './open-api.js';
import { type RawRequest } from './raw-http.js';

/** A request that was valid, and how it was changed. */
export interface FuzzedRequest extends RawRequest {
  readonly mutations: readonly string[];
}

/** Seconds: far less than an answer may take here, since for most of these waits nothing comes. */
const MOST_WAIT = 1;

/** Generates valid and broken requests from a description of the API, reproducibly from a seed. */
export class Fuzzer {
  private readonly endpoints: readonly Endpoint[];
  private made = 0;
  /** The other sessions that valid requests create. */
  private readonly others: string[] = [];

  /** @param sessionIds the sessions that most requests are about. */
  constructor(
    private readonly api: OpenApi,
    private readonly sessionIds: readonly string[],
    private readonly random: Random,
  ) {
    this.endpoints = endpointsOf(api);
  }

  next(): FuzzedRequest {
    const { random } = this;
    const draft = this.draft(random.pick(this.endpoints));
    const mutations: string[] = [];
    while (mutations.length < 3 && random.chance(mutations.length === 0 ? 0.9 : 0.4)) {
      const name = random.pick(Object.keys(MUTATIONS));
      MUTATIONS[name]?.(draft, random);
      mutations.push(name);
    }
    if (draft.method === 'DELETE') this.spareSessions(draft);
    const query = draft.query.map(([name, value]) => `${name}=${value}`).join('&');
    return {
      method: draft.method,
      target: `/${draft.segments.join('/')}${query && `?${query}`}`,
      headers: draft.headers,
      body: bytesOf(draft.body),
      mutations,
    };
  }

  /** Makes deletions target sessions that were created meanwhile, or never, not those that other requests need. */
  private spareSessions(draft: Draft): void {
    const other = this.random.pick([...this.others, 'never-created']);
    draft.segments = draft.segments.map((segment) => (this.sessionIds.includes(segment) ? other : segment));
  }

  private anotherSession(): string {
    const sessionId = `new-${++this.made}`;
    this.others.push(sessionId);
    return sessionId;
  }

  private draft({ method, path, parameters, body, type = '' }: Endpoint): Draft {
    const { api, random } = this;
    const sessionId = random.pick(this.sessionIds);
    const segments = path
      .split('/')
      .slice(1)
      .map((segment) => (segment.startsWith('{') ? encodeURIComponent(sessionId) : segment));
    const query = parameters
      .filter((parameter) => parameter.in === 'query' && random.chance(0.3))
      .map(({ name, schema }): [string, string] => [
        name,
        encodeURIComponent(
          String(name === 'wait' ? random.whole(0, MOST_WAIT) : sampleOf(schema, api, random)),
        ),
      ]);
    const sample = body && (sampleOf(body, api, random) as Record<string, unknown>);
    // Unique ids, so that most valid events are new.
    if (sample && 'eventId' in sample) sample['eventId'] = `fuzzed-${++this.made}`;
    if (sample && 'events' in sample)
      sample['events'] = (sample['events'] as object[]).map((event) => ({
        ...event,
        eventId: `fuzzed-${++this.made}`,
      }));
    if (sample && 'sessionId' in sample)
      sample['sessionId'] = random.chance(0.5) ? sessionId : this.anotherSession();
    return {
      method,
      segments,
      query,
      headers: sample ? [['Content-Type', type]] : [],
      body: sample && structuredClone(sample),
    };
  }
}
