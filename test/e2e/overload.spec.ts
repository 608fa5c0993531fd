import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionRepository } from '../../src/modules/session/repositories/session.repository.js';
import { openRaw } from '../support/http.js';
import { anEvent, aSession, createSession, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const MOST = 2;

/** Creations wait for this in the store, and which of them do. */
let hurdle = Promise.resolve();
let release: () => void;
const held = new EventEmitter();

class HoldingRepository extends SessionRepository {
  override async createIfAbsent(...args: Parameters<SessionRepository['createIfAbsent']>) {
    held.emit(args[0].sessionId);
    await hurdle;
    return super.createIfAbsent(...args);
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startService({ maxRequestsUnderWay: MOST }, [
    { provider: SessionRepository, by: HoldingRepository },
  ]);
});
afterAll(() => service.close());

function hold(): void {
  hurdle = new Promise((resolve) => (release = resolve));
}

/** A creation that is processed until it is released, or its client leaves. */
interface HeldRequest {
  readonly isHeld: Promise<unknown>;
  readonly answer: Promise<Response>;
  leave(): void;
}

function aHeldRequest(): HeldRequest {
  const leaving = new AbortController();
  const session = aSession();
  return {
    isHeld: once(held, session.sessionId),
    answer: fetch(`${service.client.origin}/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(session),
      signal: leaving.signal,
    }),
    leave: () => {
      leaving.abort();
    },
  };
}

const answerAll = () => {
  release();
};
const leaveAll = (underWay: HeldRequest[]) => {
  for (const request of underWay) request.leave();
};

/** A creation whose body stops in the middle; it is under way until `finish` sends the rest. */
async function halfARequest() {
  const body = JSON.stringify(aSession());
  const connection = await openRaw(service.client.origin);
  connection.write(
    `POST /sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  await connection.received('100 Continue'); // it is being processed, and waits for its body
  return {
    finish: async () => {
      connection.write(body.slice(5));
      return connection.closed();
    },
  };
}

describe('more requests than the limit', () => {
  it('are refused at once, unread and retryable, while the others continue', async () => {
    const sessionId = await createSession(service.client);
    const underWay = [await halfARequest(), await halfARequest()];
    const refused = await service.client.append(sessionId, anEvent());

    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'STORE_UNAVAILABLE', path: `/sessions/${sessionId}/events` });
    expect(refused.headers['retry-after']).toBe('1');
    for (const path of ['/health/live', '/health/ready', '/metrics', '/docs/openapi.json']) {
      expect((await service.client.send({ path })).status).toBe(200);
    }
    for (const request of underWay) expect(await request.finish()).toContain('HTTP/1.1 201 Created');
  });

  const ends: [string, (underWay: HeldRequest[]) => void][] = [
    ['been answered', answerAll],
    ['left', leaveAll],
  ];

  it.each(ends)('are accepted again, as many as before, when earlier ones have %s', async (_what, end) => {
    const sessionId = await createSession(service.client);
    const read = async () => (await service.client.read(sessionId)).status;

    for (let round = 1; round <= 2; round++) {
      hold();
      const underWay = upTo(MOST - 1).map(aHeldRequest);
      await Promise.all(underWay.map(({ isHeld }) => isHeld));
      expect(await read()).toBe(200);
      underWay.push(aHeldRequest());
      await Promise.all(underWay.map(({ isHeld }) => isHeld));
      expect(await read()).toBe(503);

      end(underWay);
      await Promise.allSettled(underWay.map(({ answer }) => answer));
      while ((await read()) !== 200); // it takes the service a moment to notice that a client has left
      release();
    }
  });
});
