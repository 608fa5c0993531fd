import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { openRaw } from '../support/http.js';
import { anEvent, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

/** Inserts wait for this; each test sets its own. */
let hurdle: Promise<void>;

class SlowRepository extends EventRepository {
  override async insertAt(...args: Parameters<EventRepository['insertAt']>) {
    await hurdle;
    return super.insertAt(...args);
  }
}

let service: TestService;
beforeAll(async () => {
  service = await startService({ STORE_TIMEOUT_MS: 400 }, [
    { provider: EventRepository, by: SlowRepository },
  ]);
});
afterAll(() => service.close());

let overcome: () => void;
let fail: (reason: Error) => void;
beforeEach(() => {
  hurdle = new Promise((resolve, reject) => {
    overcome = resolve;
    fail = reject;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** The codes of the logged errors, without the lines of requests, which have a status too. */
function codesOf(log: jest.Spied<Logger['warn']>): unknown[] {
  const lines = log.mock.calls.map(([line]) => line as { code?: unknown; statusCode?: number });
  return lines.flatMap(({ code, statusCode }) => (statusCode === undefined && code) || []);
}

describe('a request that takes too long', () => {
  it('is answered 503, and may still be carried out: a retry finds the result', async () => {
    const sessionId = await createSession(service.client);
    const event = anEvent();
    const tooLate = await service.client.append(sessionId, event);
    overcome();

    expect(tooLate.status).toBe(503);
    expect(tooLate.body).toMatchObject({ code: 'STORE_UNAVAILABLE', path: `/sessions/${sessionId}/events` });
    expect(tooLate.headers['retry-after']).toBe('1');
    const retried = await service.client.append(sessionId, event);
    expect(retried.status).toBe(200);
    expect(retried.headers['idempotent-replayed']).toBe('true');
  });

  it('is answered once, also when it fails after all: the connection goes on, and the log tells of one failure', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const error = jest.spyOn(Logger.prototype, 'error');
    const sessionId = await createSession(service.client);
    const body = JSON.stringify(anEvent());
    const connection = await openRaw(service.client.origin);
    connection.write(
      `POST /sessions/${sessionId}/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await connection.received('STORE_UNAVAILABLE');
    fail(new Error('too late to matter'));
    hurdle = Promise.resolve();
    await service.client.append(sessionId, anEvent()); // waits in the same lane, behind the first
    connection.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');

    const statuses = [...(await connection.closed()).matchAll(/HTTP\/1\.1 (\d+)/g)].map(
      ([, status]) => status,
    );
    expect(statuses).toEqual(['503', '200']);
    expect(codesOf(warn)).toEqual(['STORE_UNAVAILABLE']);
    expect(codesOf(error)).toEqual([]);
  });
});
