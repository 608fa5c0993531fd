import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRaw } from '../support/http.js';
import { anEvent, aSession, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';

const MOST = 2;

let service: TestService;
beforeAll(async () => {
  service = await startService({ maxRequestsUnderWay: MOST });
});
afterAll(() => service.close());

/** A creation whose body stops in the middle; it is under way until `finish` sends the rest. */
async function halfARequest() {
  const body = JSON.stringify(aSession());
  const connection = await openRaw(service.client.origin);
  connection.write(
    `POST /sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  await connection.received('100 Continue'); // it is being worked on, and waits for its body
  return {
    finish: async () => {
      connection.write(body.slice(5));
      return connection.closed();
    },
  };
}

describe('more requests than can be worked on', () => {
  it('are refused at once, unread and to be repeated; the others go on', async () => {
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

  it('are taken again when those have been answered or have left', async () => {
    const sessionId = await createSession(service.client);
    const answers = [];
    for (let sent = 0; sent < MOST * 5; sent++)
      answers.push(await service.client.append(sessionId, anEvent()));

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
  });
});
