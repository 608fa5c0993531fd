import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConversationClient, type SessionEvent } from '../src/index.js';
import { jsonObjectText } from '../../../test/support/arbitrary-json.js';
import { newId } from '../../../test/support/samples.js';
import { startService, type TestService } from '../../../test/support/service.js';

let service: TestService;
let client: ConversationClient;
beforeAll(async () => {
  service = await startService();
  client = new ConversationClient({ baseUrl: service.client.origin });
});
afterAll(() => service.close());

async function newSession(): Promise<string> {
  const sessionId = newId();
  await client.createSession({ sessionId, language: 'en' });
  return sessionId;
}

async function allOf<T>(iteration: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of iteration) all.push(each);
  return all;
}

describe('what comes through a live stream and an export', () => {
  // Separators of lines, by one rule or another; none of them ends a line of a stream or of NDJSON.
  it.each(['\u2028', '\u2029', '\u0085', '\v', '\f', '\r', '\n', '\r\n\r\n', '\ufeff', 'data: x\n\n'])(
    'is every event, with %j in it',
    async (separator) => {
      const sessionId = await newSession();
      const payloads = [{ text: `a${separator}b` }, { [separator]: separator }];
      await client.appendBatch(
        sessionId,
        payloads.map((payload) => ({ type: 'system', payload })),
      );
      await client.complete(sessionId);
      const followed = await allOf(client.follow(sessionId));
      const [session, ...exported] = await allOf(client.export(sessionId));

      expect(followed.map(({ payload }) => payload)).toEqual(payloads);
      expect(session).toMatchObject({ sessionId, status: 'completed' });
      expect((exported as SessionEvent[]).map(({ payload }) => payload)).toEqual(payloads);
    },
  );

  it('is any JSON that the service takes', async () => {
    const sessionId = await newSession();
    const stream = client.follow(sessionId);
    const next = async () => {
      const { value } = await stream.next();
      return value as SessionEvent;
    };
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(jsonObjectText, async (payload) => {
        const eventId = newId();
        const response = await fetch(`${service.client.origin}/sessions/${sessionId}/events`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: `{"eventId":"${eventId}","type":"system","payload":${payload}}`,
        });
        fc.pre(response.status === 201);
        taken++;
        expect(await next()).toEqual({ ...((await response.json()) as object), late: false });
      }),
      { numRuns: 60 },
    );
    await stream.return(undefined as never);
    expect(taken).toBeGreaterThanOrEqual(60);
  });
});

describe('reading', () => {
  it('gets a session, an event and what comes next', async () => {
    const sessionId = await newSession();
    await client.append(sessionId, { eventId: 'e 1', type: 'system', payload: {} }).catch(() => undefined);
    await client.append(sessionId, { eventId: 'e/1?', type: 'system', payload: { n: 1 } });

    expect(await client.get(sessionId)).toMatchObject({ sessionId, status: 'active' });
    expect(Object.keys(await client.get(sessionId))).not.toContain('events');
    expect(await client.event(sessionId, 'e/1?')).toMatchObject({ sequence: 1, payload: { n: 1 } });
    expect((await client.wait(sessionId)).events).toHaveLength(1);
    expect((await client.wait(sessionId, { afterSequence: 1, seconds: 1 })).events).toEqual([]);
    const waiting = client.wait(sessionId, { afterSequence: 1 }, { timeoutMs: 1 });
    await client.append(sessionId, { type: 'system', payload: { n: 2 } });
    expect((await waiting).events).toMatchObject([{ payload: { n: 2 } }]);
  });
});
