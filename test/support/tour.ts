import { type Answer, type ExactRequest } from './http.js';
import { anEvent, aSession } from './samples.js';
import { type TestService } from './service.js';

const MERGE_PATCH = { 'Content-Type': 'application/merge-patch+json' };
const LENIENT = { Prefer: 'handling=lenient' };
const STRICT = { Prefer: 'handling=strict' };
const TOO_LARGE = { padding: 'x'.repeat(600_000) };

type Request = ExactRequest & { readonly method: string };

/** Sends a request and judges its answer. A body that is no text is sent as JSON. */
export type Check = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** A check by something that sends requests and judges their answers. */
export function checkBy(judge: (request: Request) => Promise<Answer>): Check {
  return (method, path, body, headers = {}) =>
    judge({
      method,
      path,
      headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
}

/** A part of the tour, and what its answers are: in order, since the last one leaves the service without its store. */
export const TOUR: Readonly<Record<string, (check: Check, service: TestService) => Promise<void>>> = {
  'of sessions': async (check) => {
    const session = aSession({ metadata: { a: { b: [1, null, 'c'] } } });
    await check('POST', '/sessions', session);
    await check('POST', '/sessions', session);
    await check('POST', '/sessions', { ...session, language: 'de' });
    await check('POST', '/sessions', { ...session, language: 'de' }, STRICT);
    await check('POST', '/sessions', aSession(), STRICT);
    await check('POST', '/sessions', { language: 'x' });
    await check('POST', '/sessions', '{');
    await check('POST', '/sessions', TOO_LARGE);
    await check('GET', '/sessions');
    await check('GET', '/sessions?status=initiated,active&limit=1');
    await check('GET', '/sessions?status=paused');
    await check('GET', '/sessions?cursor=x');
    await check('POST', '/sessions', 'a=b', { 'Content-Type': 'text/plain' });
  },

  'of events, reads and ends': async (check) => {
    const { sessionId } = aSession();
    const path = `/sessions/${sessionId}`;
    await check('POST', '/sessions', aSession({ sessionId }));
    const [first, second, late] = [anEvent(), anEvent(), anEvent()];
    await check('POST', `${path}/events`, first);
    await check('POST', `${path}/events`, second, STRICT);
    await check('POST', `${path}/events`, first);
    await check('POST', `${path}/events`, { ...first, type: 'system' });
    await check('POST', `${path}/events`, { ...first, type: 'system' }, STRICT);
    await check('POST', `${path}/events`, { eventId: ' ' });
    await check('POST', `${path}/events`, '[');
    await check('POST', `${path}/events`, TOO_LARGE);
    await check('POST', `${path}/events`, '<a/>', { 'Content-Type': 'text/xml' });
    await check('POST', '/sessions/none/events', first);
    await check('GET', path);
    await check('POST', `${path}/complete`);
    await check('POST', `${path}/complete`, { status: 'failed' });
    await check('POST', `${path}/complete`, { status: 'paused' });
    await check('POST', `${path}/complete`, TOO_LARGE);
    await check('POST', `${path}/complete`, 'x', { 'Content-Type': 'text/plain' });
    await check('POST', '/sessions/none/complete');
    await check('POST', `${path}/events`, late);
    const patch = { metadata: { ticket: 'T-17' } };
    await check('PATCH', path, patch, MERGE_PATCH);
    await check('PATCH', path, { language: 'de' }, MERGE_PATCH);
    await check('PATCH', path, { status: 'failed' }, MERGE_PATCH);
    await check('PATCH', path, patch);
    await check('PATCH', path, TOO_LARGE, MERGE_PATCH);
    await check('PATCH', '/sessions/none', patch, MERGE_PATCH);
    const { body } = await check('GET', `${path}?limit=2&sort=sequence&order=desc`);
    const { nextCursor } = (body as { pagination: { nextCursor: string } }).pagination;
    await check('GET', `${path}?cursor=${nextCursor}`);
    await check('GET', `${path}?cursor=x`);
    await check('GET', `${path}?limit=0`);
    await check('GET', '/sessions/%zz');
    await check('GET', '/sessions/none');
  },

  'of batches, lists and streams': async (check) => {
    const { sessionId } = aSession();
    const path = `/sessions/${sessionId}`;
    await check('POST', '/sessions', aSession({ sessionId }));
    const events = [anEvent({ eventId: 'e1' }), anEvent()];
    await check('POST', `${path}/events/batch`, { events });
    await check('POST', `${path}/events/batch`, { events });
    await check('POST', `${path}/events/batch`, { events: [] });
    await check('POST', `${path}/events/batch`, { events: [anEvent(), { eventId: 'e2' }] }, LENIENT);
    await check('POST', `${path}/events/batch`, { events: [{ eventId: 'e2' }] }, LENIENT);
    await check('POST', `${path}/events/batch`, { padding: 'x'.repeat(5_000_000) });
    await check('POST', `${path}/events/batch`, 'x', { 'Content-Type': 'text/plain' });
    await check('POST', '/sessions/none/events/batch', { events });
    await check('GET', `${path}/events?limit=1`);
    await check('GET', `${path}/events?limit=0`);
    await check('GET', '/sessions/none/events');
    await check('GET', `${path}/events/e1`);
    await check('GET', `${path}/events/%20`);
    await check('GET', `${path}/events/none`);
    await check('GET', `${path}/transcript`);
    await check('GET', `${path}/transcript?format=pdf`);
    await check('GET', '/sessions/none/transcript');
    for (const event of ['e1', 'e1', 'none', '%20']) await check('DELETE', `${path}/events/${event}`);
    await check('POST', `${path}/events`, events[0]);
    await check('GET', `${path}/events/stream?afterSequence=x`);
    await check('GET', '/sessions/none/events/stream');
    await check('POST', `${path}/complete`);
    await check('GET', `${path}/events/stream`);
    await check('GET', `${path}/events/stream`, undefined, { 'Last-Event-ID': '3' });
    await check('GET', `${path}/export`);
    await check('GET', '/sessions/none/export');
    await check('GET', '/sessions/a%20b/export');
  },

  'of a session that is deleted': async (check) => {
    const session = aSession();
    const path = `/sessions/${session.sessionId}`;
    await check('POST', '/sessions', session);
    await check('DELETE', path);
    await check('DELETE', '/sessions/none');
    await check('DELETE', '/sessions/a%20b');
    await check('POST', '/sessions', session);
    await check('GET', path);
    await check('POST', `${path}/events`, anEvent());
    await check('POST', `${path}/events/batch`, { events: [anEvent()] });
    for (const below of ['', '/e1', '/stream']) await check('GET', `${path}/events${below}`);
    await check('GET', `${path}/export`);
    await check('GET', `${path}/transcript`);
    await check('DELETE', `${path}/events/e1`);
    await check('POST', `${path}/complete`);
    await check('PATCH', path, {}, MERGE_PATCH);
  },

  'of everything beside': async (check) => {
    for (const path of ['/', '/health/live', '/health/ready', '/metrics']) await check('GET', path);
    await check('GET', '/nowhere');
    await check('DELETE', '/sessions');
  },

  'of who may not talk to it': async (check, { client }) => {
    const { body } = await client.send({ path: '/docs/openapi.json' });
    const { paths } = body as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations))
        await check(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'), undefined, {
          Host: 'other.example',
        });
    }
  },

  'of a store that is away': async (check, service) => {
    const { sessionId } = aSession();
    await service.connection.close();
    await check('GET', '/health/ready');
    await check('POST', '/sessions', aSession());
    await check('GET', '/sessions');
    await check('GET', `/sessions/${sessionId}`);
    await check('POST', `/sessions/${sessionId}/events`, anEvent());
    await check('POST', `/sessions/${sessionId}/complete`);
    await check('PATCH', `/sessions/${sessionId}`, {}, MERGE_PATCH);
    await check('POST', `/sessions/${sessionId}/events/batch`, { events: [anEvent()] });
    await check('GET', `/sessions/${sessionId}/events`);
    await check('GET', `/sessions/${sessionId}/events/e1`);
    await check('GET', `/sessions/${sessionId}/events/stream`);
    await check('GET', `/sessions/${sessionId}/export`);
    await check('GET', `/sessions/${sessionId}/transcript`);
    await check('DELETE', `/sessions/${sessionId}/events/e1`);
    await check('DELETE', `/sessions/${sessionId}`);
  },
};
