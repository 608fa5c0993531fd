import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { config } from '../../src/config/config.js';
import { expectError } from '../support/expectations.js';
import { openRaw, type RawConnection } from '../support/http.js';
import { anEvent, aSession, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;

let service: TestService;
let connections: RawConnection[];
beforeEach(() => {
  connections = [];
});
afterEach(async () => {
  for (const connection of connections) connection.leave();
  await service.close();
});

async function connection(): Promise<RawConnection> {
  const opened = await openRaw(service.client.origin);
  connections.push(opened);
  return opened;
}

/** Begins a request with a body of this many bytes, without sending any of them. */
async function halfABody(bytes: number): Promise<RawConnection> {
  const opened = await connection();
  opened.write(
    `POST /sessions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`,
  );
  await opened.received('100 Continue');
  return opened;
}

/** Repeats a request until it is not refused any more. */
async function untilAdmitted(request: () => Promise<{ status: number }>): Promise<number> {
  let status = 0;
  await until(async () => ({ status } = await request()).status !== 503, 60_000);
  return status;
}

describe('a body that does not arrive', () => {
  it('takes no place from requests without one', async () => {
    service = await startService({ maxRequestsUnderWay: 2 });
    const sessionId = await createSession(service.client);
    for (let sent = 0; sent < 2; sent++) await halfABody(100);

    expect((await service.client.read(sessionId)).status).toBe(200);
    expect(
      (await service.client.send({ method: 'POST', path: `/sessions/${sessionId}/complete` })).status,
    ).toBe(200);
  });

  it('makes room for others after a second, and gets an error', async () => {
    service = await startService({ maxRequestsUnderWay: 2 });
    const slow = [await halfABody(100), await halfABody(100)];

    expectError(await service.client.create(aSession()), 'STORE_UNAVAILABLE');
    expect(await untilAdmitted(() => service.client.create(aSession()))).toBe(201);
    expect(await slow[0]?.closed()).toContain('"code":"REQUEST_TIMEOUT"');
  });

  it('counts by the bytes of its Content-Length', async () => {
    service = await startService({
      maxBytesUnderWay: 8 * MIB,
      limits: { ...config.limits, bodyBytes: 4 * MIB },
    });
    for (let sent = 0; sent < 2; sent++) await halfABody(4 * MIB);

    expectError(await service.client.create(aSession()), 'STORE_UNAVAILABLE');
    expect((await service.client.send({ path: '/health/live' })).status).toBe(200);
    expect(await untilAdmitted(() => service.client.create(aSession()))).toBe(201);
  });
});

describe('a response that is not read', () => {
  /** A session with a page of 5 MB; on a busy machine, storing it may take several attempts. */
  async function bigSession(): Promise<string> {
    const sessionId = await createSession(service.client);
    const payload = { text: 'x'.repeat(250_000) };
    const append = (event: object) => untilAdmitted(() => service.client.append(sessionId, event));
    await Promise.all(Array.from({ length: 20 }, () => append(anEvent({ payload }))));
    return sessionId;
  }

  const unread = async (sessionId: string) => {
    const opened = await connection();
    opened.pause();
    opened.write(`GET /sessions/${sessionId} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return opened;
  };

  const bytesUnderWay = async () => {
    const { text } = await service.client.send({ path: '/metrics' });
    return Number(/^conversation_under_way_bytes (\d+)$/m.exec(text)?.[1]);
  };

  it('counts by its bytes, takes no place, and makes room after a second', async () => {
    service = await startService({ maxBytesUnderWay: 24 * MIB, maxRequestsUnderWay: 2 });
    const sessionId = await bigSession();
    let most = 0;
    for (let asked = 0; asked < 10; asked++) {
      await unread(sessionId);
      most = Math.max(most, await bytesUnderWay());
    }

    expect(await untilAdmitted(() => service.client.read(sessionId))).toBe(200);
    expect(await untilAdmitted(() => service.client.create(aSession()))).toBe(201);
    expect(most).toBeLessThanOrEqual(24 * MIB);
  });

  it('is cut off when its client has read nothing for too long', async () => {
    // A page larger than the system's socket buffers.
    const limits = { ...config.limits, pageBytes: 16 * MIB };
    service = await startService({ sendTimeoutMs: 300, storeTimeoutMs: 1000, limits });
    const sessionId = await bigSession();
    const opened = await unread(sessionId);
    const isOver =
      /^http_request_duration_seconds_count\{method="GET",route="\/sessions\/:sessionId",status="200"\} 1$/m;
    await until(async () => isOver.test((await service.client.send({ path: '/metrics' })).text), 60_000);
    opened.resume();

    expect((await opened.closed()).length).toBeLessThan(20 * 250_000);
  });
});

describe('a body over 16 KiB', () => {
  const large = () => anEvent({ payload: { text: 'x'.repeat(100_000) } });

  it('waits for its turn, and is stored like any other', async () => {
    service = await startService();
    const sessionId = await createSession(service.client);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => service.client.append(sessionId, large())),
    );

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  });
});

describe('the limit of requests', () => {
  it.each(['/Sessions/x', 'http://localhost/sessions/x', 'HTTP://LOCALHOST/SESSIONS/x'])(
    'holds for %s too',
    async (target) => {
      service = await startService({ maxRequestsUnderWay: 1 });
      await halfABody(100);
      const opened = await connection();
      opened.write(`POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}`);

      await opened.received('HTTP/1.1 503');
      await opened.received('STORE_UNAVAILABLE');
    },
  );
});
