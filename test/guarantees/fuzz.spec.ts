import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorCatalogue } from '../../src/common/errors/error-catalogue.js';
import { type AppendBody, type BatchView, type ErrorView, type EventView, type SessionView } from './api.js';
import { openRaw } from '../support/http.js';
import { readFinalState } from './final-state.js';
import { Fuzzer, type FuzzedRequest } from './fuzz/fuzzer.js';
import { type OpenApi } from './fuzz/open-api.js';
import { sendBytes, sendRaw, type RawAnswer } from './fuzz/raw-http.js';
import { exchange } from './http.js';
import { Random } from './random.js';
import { Cluster } from './service/cluster.js';
import { type Instance } from './service/instance.js';

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 3000);
const AT_ONCE = 8;
const SESSIONS = ['fuzz-1', 'fuzz-2', 'fuzz-3'];
/** The session that no valid request is about. */
const UNTOUCHED = 'untouched';

/** `FUZZ_SEED=… npm test -- fuzz` repeats the same requests. */
describe(`hostile input (FUZZ_SEED=${SEED})`, () => {
  let cluster: Cluster;
  let instance: Instance;
  const faults: string[] = [];
  /** Events answered with 201: these, and no others, must be stored. */
  const events = new Map<string, EventView>();
  const sessions = new Map<string, SessionView>();
  const deleted = new Set<string>();
  /** Sessions whose metadata was changed: the order of concurrent changes is unknown here. */
  const patched = new Set<string>();
  const statuses: Record<number, number> = {};

  const post = async (path: string, body: unknown) => {
    const answer = await exchange({ method: 'POST', url: `${instance.url}${path}`, body, timeoutMs: 10_000 });
    expect(answer.status).toBeLessThan(300);
    return JSON.parse(answer.text) as unknown;
  };

  beforeAll(async () => {
    cluster = await Cluster.start({
      instances: 1,
      store: process.env['TEST_MONGODB_URI'] ?? 'embedded',
      env: { LOG_LEVEL: 'error' },
    });
    [instance] = cluster.instances as [Instance];
    for (const sessionId of [...SESSIONS, UNTOUCHED]) {
      sessions.set(sessionId, (await post('/sessions', { sessionId, language: 'en' })) as SessionView);
    }
    const first: AppendBody = { eventId: 'first', type: 'system', payload: { text: 'here' } };
    note((await post(`/sessions/${UNTOUCHED}/events`, first)) as EventView);
  }, 60_000);

  afterAll(() => cluster.stop());

  function note(event: EventView): void {
    events.set(`${event.sessionId}\n${event.eventId}`, event);
  }

  function judge(request: FuzzedRequest, answer: RawAnswer): void {
    const { status } = answer;
    statuses[status] = (statuses[status] ?? 0) + 1;
    const fault = (what: string) =>
      faults.push(`${what}\n${describeRequest(request)}\n${status} ${answer.text.slice(0, 500)}`);
    if (status >= 500) fault('an error of the server');
    else if (status >= 400) {
      const wrong = faultOfError(request, answer);
      if (wrong) fault(wrong);
    } else if (request.method === 'DELETE') {
      deleted.add(decodeURIComponent(request.target.split(/[/?]/)[2] ?? ''));
    } else if (request.method === 'PATCH') {
      patched.add((JSON.parse(answer.text) as SessionView).sessionId);
    } else if (status === 201) {
      const stored = JSON.parse(answer.text) as EventView | SessionView | BatchView;
      const sent = JSON.parse(request.body?.toString() ?? '') as Record<string, unknown>;
      const pairs =
        'results' in stored ? pairsOf(sent['events'] as object[], stored) : [[sent, stored] as const];
      for (const [asked, made] of pairs) {
        if ('eventId' in made) note(made);
        else sessions.set(made.sessionId, made);
        const field = differing(asked, made);
        if (field) fault(`${field} did not come back as it was sent`);
      }
    }
  }

  it(`answers ${REQUESTS} requests as the contract says, and never with a 5xx`, async () => {
    const description = await exchange({
      method: 'GET',
      url: `${instance.url}/docs/openapi.json`,
      timeoutMs: 10_000,
    });
    const fuzzer = new Fuzzer(JSON.parse(description.text) as OpenApi, SESSIONS, new Random(SEED));
    const port = Number(new URL(instance.url).port);
    let left = REQUESTS;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) {
          const request = fuzzer.next();
          try {
            judge(request, await sendRaw(port, request));
          } catch (error) {
            faults.push(
              `${error instanceof Error ? error.message : String(error)}\n${describeRequest(request)}`,
            );
          }
        }
      }),
    );
    expect(patched.size).toBeGreaterThan(0);
    expect(deleted.size).toBeGreaterThan(0);
    console.log(`FUZZ_SEED=${SEED}: ${REQUESTS} requests, answered with ${JSON.stringify(statuses)}`);
    expect(faults.slice(0, 10)).toEqual([]);
    expect(instance.deaths).toEqual([]);
  }, 120_000);

  it.each([
    ['no request line', 400, 'nonsense\r\n\r\n'],
    ['an unknown method', 400, 'BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['another protocol', 400, 'GET / HTTP/9.7\r\nHost: localhost\r\n\r\n'],
    ['no host', 400, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'two lengths',
      400,
      'POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
    ],
    [
      'a length and chunks',
      400,
      'POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a broken chunk',
      400,
      'POST /sessions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
    [
      'headers without end',
      431,
      `GET /sessions/a HTTP/1.1\r\nHost: localhost\r\nA: ${'x'.repeat(100_000)}\r\n\r\n`,
    ],
  ])('refuses what is not HTTP (%s) with %i, in the shape of every error', async (_what, status, text) => {
    const answer = await sendBytes(Number(new URL(instance.url).port), Buffer.from(text));
    expect(answer.status).toBe(status);
    const [, method = '', target = ''] = /^(\S+) (\S+) HTTP/.exec(text) ?? [];
    const { path, ...error } = JSON.parse(answer.text) as ErrorView;
    expect(path).toBe(target);
    const request = { method: error.method, target, headers: [], body: undefined, mutations: [] };
    expect(
      faultOfError(request, { ...answer, text: JSON.stringify({ ...error, path: '/' }) }),
    ).toBeUndefined();
    expect(['', method]).toContain(error.method);
    expect(
      (await exchange({ method: 'GET', url: `${instance.url}/health/live`, timeoutMs: 5000 })).status,
    ).toBe(200);
  });

  it('closes a tunnel unanswered, as Node does, and goes on', async () => {
    const connection = await openRaw(instance.url);
    connection.write('CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await connection.closed()).toBe('');
    const live = await exchange({ method: 'GET', url: `${instance.url}/health/live`, timeoutMs: 5000 });
    expect(live.status).toBe(200);
  });

  it('answers a request with an unknown expectation', async () => {
    const text =
      'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: miracles\r\n\r\n';
    expect((await sendBytes(Number(new URL(instance.url).port), Buffer.from(text))).status).toBe(200);
  });

  it('has stored what it accepted, unchanged, and nothing of what it refused', async () => {
    for (const gone of await readFinalState([instance], [...deleted])) {
      expect(gone).toMatchObject({ session: null, events: [] });
    }
    const left = [...sessions.keys()].filter((sessionId) => !deleted.has(sessionId));
    for (const final of await readFinalState([instance], left)) {
      const accepted = [...events.values()].filter(({ sessionId }) => sessionId === final.sessionId);
      accepted.sort((a, b) => a.sequence - b.sequence);
      const stored = final.events.map((event) => ({ ...event, late: undefined }));
      expect(JSON.stringify(stored)).toBe(JSON.stringify(accepted));
      const created = sessions.get(final.sessionId);
      expect(final.session).toMatchObject({
        startedAt: created?.startedAt,
        language: created?.language,
        metadata: patched.has(final.sessionId) ? final.session?.metadata : created?.metadata,
      });
    }
  });

  it('has not changed the session that no valid request was about', async () => {
    const [final] = await readFinalState([instance], [UNTOUCHED]);
    expect(final?.session).toEqual({ ...sessions.get(UNTOUCHED), status: 'active' });
    expect(final?.events).toHaveLength(1);
  });
});

/** The events of a batch that were stored: as sent, and as answered. */
function pairsOf(events: readonly object[], { results }: BatchView): (readonly [object, EventView])[] {
  return results.flatMap(({ status, event }, index) =>
    status === 201 ? [[events[index] ?? {}, event] as const] : [],
  );
}

/** The first field that did not come back as it was sent. */
function differing(sent: object, stored: object): string | undefined {
  const [asked, came] = [new Map(Object.entries(sent)), new Map(Object.entries(stored))];
  return ['payload', 'metadata', 'eventId', 'type', 'language'].find(
    (field) => asked.has(field) && JSON.stringify(asked.get(field)) !== JSON.stringify(came.get(field)),
  );
}

/** Why an error does not match the contract. */
function faultOfError(request: FuzzedRequest, { status, headers, text }: RawAnswer): string | undefined {
  if (request.method === 'HEAD') return undefined; // HEAD responses have no body
  const type = headers.get('content-type') ?? '';
  const wantsPage = request.headers.some(([name, value]) => name === 'Accept' && value === 'text/html');
  if (wantsPage && type.startsWith('text/html')) return undefined; // browsers get a page
  if (!type.startsWith('application/json')) return 'an error that is not JSON';
  const error = JSON.parse(text) as Partial<ErrorView>;
  const known = Object.entries(errorCatalogue).some(
    ([code, entry]) => code === error.code && status === entry.status,
  );
  if (!known || error.statusCode !== status) return `an error of an unknown code ${error.code ?? ''}`;
  const isText = (value: unknown) => typeof value === 'string' && value.length > 0;
  const { message, details } = error;
  const isMessage = Array.isArray(message) ? message.length > 0 && message.every(isText) : isText(message);
  if (!isMessage || Array.isArray(message) !== (details !== undefined))
    return 'an error whose message and details disagree';
  if (details?.some(({ field, message: of }) => typeof field !== 'string' || !isText(of)))
    return 'details of another shape';
  if (error.method !== request.method || error.requestId !== headers.get('x-request-id')) {
    return 'an error that tells of another request';
  }
  if (![error.error, error.path, error.timestamp].every(isText)) return 'an error that lacks something';
  return undefined;
}

function describeRequest({ method, target, headers, body, mutations }: FuzzedRequest): string {
  return `${method} ${target.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${JSON.stringify(body?.toString('latin1').slice(0, 300))} (${mutations.join(', ')})`;
}
