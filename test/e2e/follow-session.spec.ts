import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { LogStream } from '../../src/modules/event/services/log-stream.js';
import { openStream, type Block, type OpenStream } from '../support/event-stream.js';
import { expectError } from '../support/expectations.js';
import { anEvent, appendAll, createSession, createSessionWith, newId, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({ MAX_FOLLOWERS: 12 });
});
afterAll(() => service.close());

const follow = (sessionId: string, options?: Parameters<typeof openStream>[2]) =>
  openStream(service.client.origin, sessionId, options);
const path = (sessionId: string) => `/sessions/${sessionId}/events/stream`;

describe('GET /sessions/:sessionId/events/stream', () => {
  it('sends the existing events, then each new one as it is stored, then the session, and closes', async () => {
    const sessionId = await createSessionWith(service.client, 3);
    const stream = await follow(sessionId);
    await stream.until(() => stream.sequences().length === 3);
    const [fourth] = await appendAll(service.client, sessionId, [anEvent({ payload: { text: 'a\nb\r\n' } })]);
    await stream.until(() => stream.sequences().length === 4);
    const { body: ended } = await service.client.complete(sessionId);

    expect(await stream.ended()).toBe(true);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(stream.headers).not.toHaveProperty('content-encoding');
    expect(stream.sequences()).toEqual([1, 2, 3, 4]);
    const [retry, , , , event, session] = stream.blocks;
    expect(retry).toEqual({ retry: expect.stringMatching(/^\d+$/) });
    expect(JSON.parse(event?.data ?? '')).toEqual({ ...fourth, late: false });
    expect(Object.keys(session ?? {})).toEqual(['event', 'data']);
    expect(session?.event).toBe('session');
    expect(JSON.parse(session?.data ?? '')).toEqual(ended);
    expect(stream.blocks).toHaveLength(6);
  });

  it('starts after afterSequence, or after Last-Event-ID if both are sent', async () => {
    const sessionId = await createSessionWith(service.client, 5);
    await service.client.complete(sessionId);

    const streams = await Promise.all([
      follow(sessionId, { query: '?afterSequence=3' }),
      follow(sessionId, { query: '?afterSequence=3', headers: { 'Last-Event-ID': '1' } }),
      follow(sessionId, { headers: { 'Last-Event-ID': '0' } }),
    ]);

    await Promise.all(streams.map((stream) => stream.ended()));
    expect(streams.map((stream) => stream.sequences())).toEqual([
      [4, 5],
      [2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
  });

  it('answers 204 to a client that has seen all of a session that has ended', async () => {
    const [some, none] = [await createSessionWith(service.client, 2), await createSession(service.client)];
    await Promise.all([service.client.complete(some), service.client.complete(none)]);

    expect((await follow(some, { headers: { 'Last-Event-ID': '2' } })).status).toBe(204);
    expect((await follow(none, { headers: { 'Last-Event-ID': '0' } })).status).toBe(204);
    await appendAll(service.client, some, [anEvent()]); // late
    const stream = await follow(some, { headers: { 'Last-Event-ID': '2' } });
    await stream.ended();
    expect(stream.sequences()).toEqual([3]);
    const { data = '' } = stream.blocks.find(({ event }) => event === 'event') ?? {};
    expect(JSON.parse(data)).toMatchObject({ late: true });
  });

  it('sends an id to a client that has none, so that it too can be told to stop', async () => {
    const sessionId = await createSession(service.client);
    await service.client.complete(sessionId);

    const stream = await follow(sessionId);

    await stream.ended();
    expect(stream.blocks.map((block) => Object.keys(block))).toEqual([['retry'], ['id'], ['event', 'data']]);
    expect(stream.blocks[1]).toEqual({ id: '0' });
  });

  it.each(['3', '-1', 'x', '99999999999999999999'])('refuses to go on after "%s"', async (id) => {
    const sessionId = await createSessionWith(service.client, 2);

    const answer = await service.client.send({ path: path(sessionId), headers: { 'Last-Event-ID': id } });

    expectError(answer, 'VALIDATION_FAILED', 'Last-Event-ID');
  });

  it('refuses unknown parameters', async () => {
    const sessionId = await createSession(service.client);
    expectError(await service.client.send({ path: path(newId()) }), 'SESSION_NOT_FOUND');
    for (const query of ['limit=1', 'afterSequence=-1', 'afterSequence=x']) {
      const answer = await service.client.send({ path: `${path(sessionId)}?${query}` });
      expectError(answer, 'VALIDATION_FAILED', query.split('=')[0]);
    }
    expectError(await service.client.post(path(sessionId), {}), 'METHOD_NOT_ALLOWED');
  });

  it('ends when the session is deleted, which the next connection reports', async () => {
    const sessionId = await createSessionWith(service.client, 2);
    const stream = await follow(sessionId);
    const waiting = service.client.listEvents(sessionId, { afterSequence: 2, wait: 30 });
    await stream.until(() => stream.sequences().length === 2);

    const deleted = await service.client.send({ method: 'DELETE', path: `/sessions/${sessionId}` });

    expect(deleted.status).toBe(204);
    expect(await stream.ended()).toBe(true);
    expect(stream.blocks.at(-1)?.event).toBe('event');
    expectError(await waiting, 'SESSION_DELETED');
    for (const below of ['stream', 'e1', '']) {
      const answer = await service.client.send({ path: `/sessions/${sessionId}/events/${below}` });
      expectError(answer, 'SESSION_DELETED');
    }
    expectError(await service.client.appendBatch(sessionId, [anEvent()]), 'SESSION_DELETED');
  });

  it('answers HEAD with the head alone', async () => {
    const sessionId = await createSession(service.client);
    const { status, text } = await service.client.send({ method: 'HEAD', path: path(sessionId) });

    expect([status, text]).toEqual([200, '']);
  });

  it('sends each follower every event once and in order, while many append', async () => {
    const sessionId = await createSessionWith(service.client, 30);
    const streams = await Promise.all(
      upTo(10).map((n) => follow(sessionId, { query: `?afterSequence=${n}` })),
    );

    await Promise.all(
      upTo(20).map(() =>
        service.client.appendBatch(
          sessionId,
          upTo(10).map(() => anEvent()),
        ),
      ),
    );
    await service.client.complete(sessionId);

    expect(await Promise.all(streams.map((stream) => stream.ended()))).not.toContain(false);
    streams.forEach((stream, index) => {
      expect(stream.sequences()).toEqual(upTo(230).slice(index + 1));
    });
  });

  it('accepts at most MAX_FOLLOWERS, and releases those who have left', async () => {
    const sessionId = await createSession(service.client);
    const streams = await Promise.all(upTo(12).map(() => follow(sessionId)));
    expect(streams.every(({ status }) => status === 200)).toBe(true);

    const answer = await service.client.send({ path: path(sessionId) });
    expectError(answer, 'TOO_MANY_FOLLOWERS');
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expectError(await service.client.listEvents(sessionId, { wait: 1 }), 'TOO_MANY_FOLLOWERS');
    expect((await service.client.listEvents(sessionId)).status).toBe(200);

    for (const stream of streams) stream.close();
    await until(async () => (await followersOf(service)) === 0, 60_000);
    const again = await follow(sessionId);
    expect(again.status).toBe(200);
    again.close();
  });
});

/** Sends comments after half a second instead of 15. */
@Injectable()
class OftenHeard extends LogStream {
  override readonly quietMs = 500;
}

describe('a long stream', () => {
  it('has no deadline, takes no place from other requests, and gets comments', async () => {
    const busy = await startService(
      { STORE_TIMEOUT_MS: 1500, SEND_TIMEOUT_MS: 1500, MAX_REQUESTS_UNDER_WAY: 2 },
      [{ provider: LogStream, by: OftenHeard }],
    );
    try {
      const sessionId = await createSession(busy.client);
      const streams: OpenStream[] = [];
      while (streams.length < 4) streams.push(await openStream(busy.client.origin, sessionId));
      for (const stream of streams) {
        await stream.until((blocks) => blocks.filter(isComment).length > 3); // for longer than the time-outs
      }
      await appendAll(busy.client, sessionId, [anEvent()]);
      for (const stream of streams) await stream.until(() => stream.sequences().length === 1);
      const waited = await busy.client.listEvents(sessionId, { afterSequence: 1, wait: 1 });
      expect([waited.status, waited.body.events]).toEqual([200, []]);
      await busy.client.complete(sessionId);
      expect(await Promise.all(streams.map((stream) => stream.ended()))).toEqual([true, true, true, true]);
    } finally {
      await busy.close();
    }
  });

  it('is cut off if its client does not read', async () => {
    const strict = await startService({ SEND_TIMEOUT_MS: 100 }, [{ provider: LogStream, by: OftenHeard }]);
    try {
      const sessionId = await createSession(strict.client);
      const events = () => upTo(100).map(() => anEvent({ payload: { text: 'x'.repeat(20_000) } }));
      for (let n = 0; n < 8; n++) await strict.client.appendBatch(sessionId, events());
      const socket = new Socket().connect(Number(new URL(strict.client.origin).port), '127.0.0.1');
      socket.write(`GET ${path(sessionId)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      socket.pause();
      await until(async () => (await followersOf(strict)) === 1, 60_000);
      await until(async () => (await followersOf(strict)) === 0, 60_000);
      socket.destroy();
    } finally {
      await strict.close();
    }
  });
});

/** The number of followers that the service reports. */
const followersOf = ({ client }: TestService) => client.metric('conversation_followers');

function isComment({ comment }: Block): boolean {
  return comment !== undefined;
}
