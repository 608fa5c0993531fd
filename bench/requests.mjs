// The requests of the benchmark in autocannon's form, and what fills a store through the API.
import { inParallel } from './load.mjs';

const SPEECH = { text: 'Hello, I have a question about my last bill.', confidence: 0.93, durationMs: 2140 };
const METADATA = { caller: '+44 20 7946 0000', queue: 'billing' };
const WIDTH = 16;
const MOST_IN_A_BATCH = 100;
const START = Date.parse('2026-03-01T12:00:00Z');
const EVENT_MS = 40;

const post = (path, body) => ({
  method: 'POST',
  path,
  // New headers each time, since autocannon adds the body's length to them.
  ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
});

let unique = 0;
export const fresh = (prefix) => `${prefix}-${Date.now().toString(36)}-${unique++}`;

const event = (eventId) => ({ eventId, type: 'user_speech', payload: SPEECH });

export const create = (sessionId) => post('/sessions', { sessionId, language: 'en-GB', metadata: METADATA });
export const append = (sessionId, eventId) => post(`/sessions/${sessionId}/events`, event(eventId));
export const batch = (sessionId, events) => post(`/sessions/${sessionId}/events/batch`, { events });
export const batchOf = (sessionId, count) =>
  batch(sessionId, Array.from({ length: count }, () => event(fresh('e')))); // oxfmt-ignore
export const complete = (sessionId) => post(`/sessions/${sessionId}/complete`);
export const read = (sessionId, query = '') => ({ method: 'GET', path: `/sessions/${sessionId}${query}` });
export const list = () => ({ method: 'GET', path: '/sessions?limit=20' });

/** Creates sessions. @returns their ids. */
export async function newSessions(target, count) {
  const ids = Array.from({ length: count }, () => fresh('s'));
  await inParallel(ids, WIDTH, (id) => target.send(create(id)));
  return ids;
}

/**
 * Creates sessions of many events.
 *
 * @param unordered as from two clocks that disagree: every other event is older than the one before it.
 * @returns their ids.
 */
export async function filledSessions(target, count, eventsEach, { unordered = false } = {}) {
  const ids = await newSessions(target, count);
  await inParallel(ids, WIDTH, async (id) => {
    for (let from = 0; from < eventsEach; from += MOST_IN_A_BATCH) {
      const events = Array.from({ length: Math.min(MOST_IN_A_BATCH, eventsEach - from) }, (_, index) => {
        const place = from + index;
        const timestamp = new Date(START + (unordered ? place ^ 1 : place) * EVENT_MS).toISOString();
        return { ...event(`e-${place}`), timestamp };
      });
      await target.send(batch(id, events));
    }
  });
  return ids;
}

/** Repeats a list for ever. */
export function roundRobin(items) {
  let next = 0;
  return () => items[next++ % items.length];
}
