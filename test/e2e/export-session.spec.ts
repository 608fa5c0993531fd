import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pathOf } from '../support/client.js';
import { expectError } from '../support/expectations.js';
import { type ReadEvent, type SessionBody } from '../support/representations.js';
import { anEvent, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

interface Export {
  readonly session: SessionBody;
  readonly events: readonly ReadEvent[];
  readonly end: unknown;
}

async function exported(sessionId: string): Promise<Export> {
  const { status, headers, text } = await service.client.export(sessionId);
  expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.trimEnd().split('\n');
  const [session, ...rest] = lines.map((line) => JSON.parse(line) as unknown);
  const end = rest.pop();
  return { session: session as SessionBody, events: rest as ReadEvent[], end };
}

/** Opens an export without reading more than the test asks for. */
async function openExport({ client }: TestService, sessionId: string): Promise<IncomingMessage> {
  const outgoing = request(`${client.origin}${pathOf(sessionId)}/export`, { agent: false }).end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return incoming.on('error', () => undefined); // `complete` shows it
}

/** Reads an export until it ends, completely or not. */
async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  incoming.setEncoding('utf8').on('data', (part: string) => (text += part));
  if (!incoming.closed) await new Promise((resolve) => incoming.once('close', resolve));
  return text;
}

describe('GET /sessions/:sessionId/export', () => {
  it('sends the session, its events in the order of the log, and their number', async () => {
    const sessionId = await createSession(service.client);
    for (const second of [5, 3, 4]) {
      await service.client.append(sessionId, anEvent({ timestamp: `2026-03-01T12:00:0${second}Z` }));
    }
    await service.client.complete(sessionId, { status: 'failed' });
    await service.client.append(sessionId, anEvent({ eventId: 'late' }));

    const { session, events, end } = await exported(sessionId);

    const read = await service.client.read(sessionId, { sort: 'sequence' });
    const { events: page, pagination, eventCount, lastEventAt, ...stored } = read.body;
    expect([eventCount, lastEventAt]).toEqual([4, page[3]?.receivedAt]);
    expect(pagination.total).toBe(4);
    expect(session).toEqual(stored);
    expect(events).toEqual(page);
    expect(events.map(({ late }) => late)).toEqual([false, false, false, true]);
    expect(end).toEqual({ end: true, events: 4 });
  });

  it.each([0, 2500])('exports all of %i events', async (count) => {
    const sessionId = await createSessionWith(service.client, count);

    const { events, end } = await exported(sessionId);

    expect(events.map(({ sequence }) => sequence)).toEqual(upTo(count));
    expect(end).toEqual({ end: true, events: count });
  });

  it('shows a single moment while others append', async () => {
    const sessionId = await createSessionWith(service.client, 100);
    let done = false;
    const appends = upTo(5).map(async () => {
      while (!done) await service.client.append(sessionId, anEvent());
    });
    for (let n = 0; n < 10; n++) {
      const before = (await service.client.read(sessionId)).body.pagination.total ?? 0;
      const { session, events, end } = await exported(sessionId);
      const after = (await service.client.read(sessionId)).body.pagination.total ?? 0;

      expect(session.status).toBe('active');
      expect(events.map(({ sequence }) => sequence)).toEqual(upTo(events.length));
      expect(end).toEqual({ end: true, events: events.length });
      expect(events.length).toBeGreaterThanOrEqual(before);
      expect(events.length).toBeLessThanOrEqual(after);
    }
    done = true;
    await Promise.all(appends);
  });

  it('refuses unknown and deleted sessions, and invalid ids', async () => {
    const sessionId = await createSession(service.client);
    expectError(await service.client.export(newId()), 'SESSION_NOT_FOUND');
    expectError(await service.client.export('two words'), 'VALIDATION_FAILED', 'sessionId');
    await service.client.delete(sessionId);
    expectError(await service.client.export(sessionId), 'SESSION_DELETED');
  });
});

describe('an export under way', () => {
  /** More than the buffers of two sockets hold: usually 4 MiB to send, and 6 MiB to receive. */
  const LARGE = { count: 800, text: 'x'.repeat(20_000) };

  /** A session with those events, which go to the store directly: a session like any other, but sooner. */
  async function aLargeSession({ client, connection }: TestService): Promise<string> {
    const sessionId = await createSession(client, { status: 'active' });
    const now = new Date();
    const events = upTo(LARGE.count).map((sequence) => ({
      ...anEvent({ payload: { text: LARGE.text } }),
      sessionId,
      sequence,
      timestamp: now,
      receivedAt: now,
    }));
    while (events.length > 0) await connection.collection('events').insertMany(events.splice(0, 50));
    return sessionId;
  }

  it('ends without its last line if the session is deleted', async () => {
    const sessionId = await aLargeSession(service);
    const incoming = await openExport(service, sessionId);

    expect((await service.client.delete(sessionId)).status).toBe(204);

    const lines = (await textOf(incoming)).split('\n');
    expect(incoming.complete).toBe(false);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ sessionId });
    expect(lines.length).toBeLessThan(LARGE.count);
    expect(lines.some((line) => line.startsWith('{"end"'))).toBe(false);
  });

  describe('of a service with room for one follower', () => {
    let small: TestService;
    let sessionId: string;
    beforeAll(async () => {
      small = await startService({ MAX_FOLLOWERS: 1, STORE_TIMEOUT_MS: 1000 });
      sessionId = await aLargeSession(small);
    });
    afterAll(() => small.close());

    it('reads no faster than its client, and counts towards MAX_FOLLOWERS', async () => {
      const incoming = await openExport(small, sessionId);
      const refused = await small.client.export(sessionId);
      expectError(refused, 'TOO_MANY_FOLLOWERS');
      expect(refused.headers['retry-after']).toMatch(/^\d+$/);

      await new Promise((resolve) => setTimeout(resolve, 1500)); // longer than the limit of other requests
      expect(await small.client.metric('conversation_followers')).toBe(1); // so it was not read to its end
      const text = await textOf(incoming);

      expect(incoming.complete).toBe(true);
      expect(text.endsWith(`{"end":true,"events":${LARGE.count}}\n`)).toBe(true);
    });

    it('is finished when the service stops', async () => {
      const incoming = await openExport(small, sessionId);

      const [text] = await Promise.all([textOf(incoming), small.app.close()]);

      expect(incoming.complete).toBe(true);
      expect(text).toContain('{"end":true');
    });
  });
});
