import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { type ServiceClient } from './client.js';
import { type EventBody } from './representations.js';

/** An id that no other test uses. */
export function newId(): string {
  return `id-${randomUUID()}`;
}

/** The body of a valid creation. */
export function aSession(fields: object = {}) {
  return { sessionId: newId(), language: 'en-GB', metadata: { queue: 'billing' }, ...fields };
}

/** The body of a valid append. */
export function anEvent(fields: object = {}) {
  return { eventId: newId(), type: 'user_speech', payload: { text: 'Hello' }, ...fields };
}

/** The numbers from 1 to `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Creates a session. @returns its id. */
export async function createSession(client: ServiceClient, fields: object = {}): Promise<string> {
  const { status, body } = await client.create(aSession(fields));
  expect(status).toBe(201);
  return body.sessionId;
}

/** Appends events one after the other. @returns them as they were answered. */
export async function appendAll(
  client: ServiceClient,
  sessionId: string,
  events: readonly object[],
): Promise<EventBody[]> {
  const stored: EventBody[] = [];
  for (const event of events) {
    const { status, body } = await client.append(sessionId, event);
    expect(status).toBe(201);
    stored.push(body);
  }
  return stored;
}

/** A session with `count` events, stored a hundred at once: more under way than MAX_REQUESTS_UNDER_WAY are refused. @returns its id. */
export async function createSessionWith(client: ServiceClient, count: number): Promise<string> {
  const sessionId = await createSession(client);
  const events = upTo(count).map((n) => anEvent({ eventId: `e${n}` }));
  while (events.length > 0) {
    const answers = await Promise.all(events.splice(0, 100).map((event) => client.append(sessionId, event)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  }
  return sessionId;
}
