// The requests of the benchmarks, in autocannon's form.
const SPEECH = { text: 'Hello, I have a question about my last bill.', confidence: 0.93, durationMs: 2140 };
const METADATA = { caller: '+44 20 7946 0000', queue: 'billing' };
const HEADERS = { 'Content-Type': 'application/json' };

export const post = (path, body) => ({
  method: 'POST',
  path,
  // A copy, since autocannon adds the body's length to it.
  ...(body && { headers: { ...HEADERS }, body: JSON.stringify(body) }),
});
export const get = (path) => ({ method: 'GET', path });

let unique = 0;
export const fresh = (prefix) => `${prefix}-${Date.now().toString(36)}-${unique++}`;

export const session = (sessionId) => ({ sessionId, language: 'en-GB', metadata: METADATA });
export const event = (eventId, timestamp) => ({
  eventId,
  type: 'user_speech',
  payload: SPEECH,
  ...(timestamp && { timestamp }),
});

export const create = (sessionId) => post('/sessions', session(sessionId));
export const append = (sessionId, eventId, timestamp) =>
  post(`/sessions/${sessionId}/events`, event(eventId, timestamp));
export const read = (sessionId, query = '') => get(`/sessions/${sessionId}${query}`);
export const complete = (sessionId) => post(`/sessions/${sessionId}/complete`);
export const appendBatch = (sessionId, eventIds) =>
  post(`/sessions/${sessionId}/events/batch`, { events: eventIds.map((eventId) => event(eventId)) });
export const list = () => get('/sessions?limit=20');

/** Repeats a list for ever. */
export function roundRobin(items) {
  let next = 0;
  return () => items[next++ % items.length];
}
