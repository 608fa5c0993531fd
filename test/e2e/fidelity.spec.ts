import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonObjectText } from '../support/arbitrary-json.js';
import { pathOf } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { type Answer } from '../support/http.js';
import { type EventBody, type JsonObject, type SessionBody } from '../support/representations.js';
import { createSession, newId } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const RUNS = 100;

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/**
 * Expects an answer to contain the sent JSON unchanged, or to refuse it and name the place. @returns whether it was
 * stored.
 */
function expectWholeOrRefused(
  answer: Answer,
  field: string,
  json: string,
  received: JsonObject | undefined,
): boolean {
  if (answer.status === 400) {
    const { details } = expectError(answer, 'VALIDATION_FAILED', field);
    expect(details).toHaveLength(1);
    expect(details?.[0]?.message).toMatch(new RegExp(`^/${field}(/[^]*)? (is|has|contains) `));
    return false;
  }
  expect(answer.status).toBe(201);
  const sent: unknown = JSON.parse(json);
  expect(JSON.stringify(received)).toBe(JSON.stringify(sent)); // including the order of keys
  return true;
}

/** Posts text to a path twice. @returns the first answer; if it was stored, the second must be its replay. */
async function postTwice(path: string, text: string): Promise<Answer> {
  const answer = await service.client.postText(path, text);
  const again = await service.client.postText(path, text);
  if (answer.status !== 201) return answer;
  expect(again.text).toBe(answer.text);
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(again.headers).not.toHaveProperty('idempotent-mismatch');
  return answer;
}

/** Every payload of a session as text, by its event's id. */
async function payloadsOf(sessionId: string): Promise<Map<string, string>> {
  const payloads = new Map<string, string>();
  let hasMore = true;
  for (let page = 1; hasMore; page++) {
    const { body } = await service.client.read(sessionId, { limit: 100, page });
    for (const { eventId, payload } of body.events) payloads.set(eventId, JSON.stringify(payload));
    hasMore = body.pagination.hasMore;
  }
  return payloads;
}

/** The metadata of a session as text; undefined if the session does not exist. */
async function metadataOf(sessionId: string): Promise<string | undefined> {
  const { status, body } = await service.client.read(sessionId);
  return status === 404 ? undefined : JSON.stringify(body.metadata);
}

describe('what a client sends', () => {
  it('comes back unchanged as a payload in responses, replays and reads, or is refused and not stored', async () => {
    const sessionId = await createSession(service.client);
    const sent = new Map<string, string>();

    await fc.assert(
      fc.asyncProperty(jsonObjectText, async (json) => {
        const eventId = newId();
        const text = `{"eventId":"${eventId}","type":"system","payload":${json}}`;
        const answer = await postTwice(`${pathOf(sessionId)}/events`, text);
        const { payload } = answer.body as EventBody;

        const stored = expectWholeOrRefused(answer, 'payload', json, payload);
        if (stored) sent.set(eventId, JSON.stringify(JSON.parse(json)));
      }),
      { numRuns: RUNS },
    );

    expect(await payloadsOf(sessionId)).toEqual(sent);
    // A property test that never sees one of the two outcomes proves less than it seems to.
    expect(sent.size).toBeGreaterThan(RUNS / 20);
    expect(sent.size).toBeLessThan(RUNS * 0.95);
  });

  it('comes back unchanged as metadata in responses, replays and reads, or is refused and not stored', async () => {
    await fc.assert(
      fc.asyncProperty(jsonObjectText, async (json) => {
        const sessionId = newId();
        const text = `{"sessionId":"${sessionId}","language":"en","metadata":${json}}`;
        const answer = await postTwice('/sessions', text);
        const { metadata } = answer.body as SessionBody;

        const stored = expectWholeOrRefused(answer, 'metadata', json, metadata);
        const expected = stored ? JSON.stringify(JSON.parse(json)) : undefined;
        expect(await metadataOf(sessionId)).toBe(expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('comes back up to the limits: 256 KiB of payload, 16 KiB of metadata', async () => {
    const exactly = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
    const metadata = exactly(16 * 1024);
    const payload = exactly(256 * 1024);

    const sessionId = await createSession(service.client, { metadata });
    const { status } = await service.client.append(sessionId, { eventId: 'big', type: 'system', payload });

    expect(status).toBe(201);
    const { body } = await service.client.read(sessionId);
    expect(body.metadata).toEqual(metadata);
    expect(body.events[0]?.payload).toEqual(payload);
  });
});
