import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { openRaw, type RawConnection } from '../support/http.js';
import { anEvent, aSession, createSession } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** Inserts wait for this. */
let hurdle: Promise<void> | undefined;

class SlowRepository extends EventRepository {
  override async insertAt(...args: Parameters<EventRepository['insertAt']>) {
    await hurdle;
    return super.insertAt(...args);
  }
}

const SETTINGS = { maxRequestsUnderWay: 5, storeTimeoutMs: 5000, requestTimeoutMs: 500, sendTimeoutMs: 500 };

let service: TestService;
let sessionId: string;
beforeAll(async () => {
  service = await startService(SETTINGS, [{ provider: EventRepository, by: SlowRepository }]);
  sessionId = await createSession(service.client);
});
afterAll(() => service.close());

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
const get = () => head(`GET /sessions/${sessionId}`);
const post = (path: string, body: object, ...headers: string[]) => {
  const text = JSON.stringify(body);
  return `${head(`POST ${path}`, 'Content-Type: application/json', `Content-Length: ${text.length}`, ...headers)}${text}`;
};
const append = () => post(`/sessions/${sessionId}/events`, anEvent());

/** The gauges of requests and bytes under way. */
async function underWay(): Promise<Record<string, number>> {
  const { text } = await service.client.send({ path: '/metrics' });
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    requests: value('conversation_requests_under_way'),
    bytes: value('conversation_under_way_bytes'),
  };
}

/** Waits until the gauges are zero. */
async function expectNone(): Promise<void> {
  await until(async () => {
    const { requests, bytes } = await underWay();
    return requests === 0 && bytes === 0;
  }, 30_000);
}

/** Runs `act` while appends wait in the store. */
async function whileTheStoreWaits(act: () => Promise<void>): Promise<void> {
  let overcome = () => {};
  hurdle = new Promise((resolve) => (overcome = resolve));
  try {
    await act();
  } finally {
    overcome();
    hurdle = undefined;
  }
}

const leave = (connection: RawConnection) => {
  connection.leave();
};

/** The ways in which a request can end, each on a connection of its own. */
const ENDS: [string, (connection: RawConnection) => Promise<void> | void][] = [
  [
    'answered',
    async (connection) => {
      connection.write(get());
      await connection.received('"pagination"');
    },
  ],
  [
    'pipelined and answered',
    async (connection) => {
      connection.write(get().repeat(5) + head('GET /health/live', 'Connection: close'));
      await connection.closed();
    },
  ],
  [
    'pipelined and left on the answers',
    (connection) => {
      connection.write(get().repeat(100));
      leave(connection);
    },
  ],
  [
    'pipelined behind one that waits, and left',
    (connection) =>
      whileTheStoreWaits(async () => {
        connection.write(append() + get().repeat(3));
        await untilUnderWay(1);
        leave(connection);
      }),
  ],
  [
    'left before the head was there',
    (connection) => {
      connection.write('GET /sessions/x HTTP/1.1\r\nHost: lo');
      leave(connection);
    },
  ],
  [
    'left in the middle of its body',
    async (connection) => {
      connection.write(head('POST /sessions', 'Content-Length: 1000', 'Expect: 100-continue'));
      await connection.received('100 Continue');
      connection.write('{"sess');
      leave(connection);
    },
  ],
  [
    'left while it was worked on',
    (connection) =>
      whileTheStoreWaits(async () => {
        connection.write(append());
        await untilUnderWay(1);
        leave(connection);
      }),
  ],
  [
    'closed on the client’s side, which Node takes for leaving',
    async (connection) => {
      connection.write(append());
      connection.end();
      expect(await connection.closed()).toBe('');
    },
  ],
  [
    'too late for the store',
    (connection) =>
      whileTheStoreWaits(async () => {
        connection.write(append());
        await connection.received('HTTP/1.1 503');
      }),
  ],
  [
    'too slow with its head',
    async (connection) => {
      connection.write('GET /sessions/x HTTP/1.1\r\nHost: lo');
      expect(await connection.closed()).toContain('HTTP/1.1 408');
    },
  ],
  [
    'too slow with its body',
    async (connection) => {
      connection.write(head('POST /sessions', 'Content-Length: 1000'));
      expect(await connection.closed()).toContain('HTTP/1.1 408');
    },
  ],
  [
    'too large',
    async (connection) => {
      connection.write(post('/sessions', aSession({ metadata: { x: 'x'.repeat(600_000) } })));
      await connection.received('HTTP/1.1 413');
    },
  ],
  [
    'with a body that is broken',
    async (connection) => {
      connection.write(`${head('POST /sessions', 'Transfer-Encoding: chunked')}zz\r\n`);
      expect(await connection.closed()).toContain('HTTP/1.1 400');
    },
  ],
  [
    'with a body that is no JSON',
    async (connection) => {
      connection.write(head('POST /sessions', 'Content-Type: application/json', 'Content-Length: 1') + '{');
      await connection.received('HTTP/1.1 400');
    },
  ],
  [
    'to where there is nothing',
    async (connection) => {
      connection.write(head('GET /sessions/a/b/c'));
      await connection.received('HTTP/1.1 404');
    },
  ],
  [
    'upgraded, which it is not',
    async (connection) => {
      connection.write(head(`GET /sessions/${sessionId}`, 'Connection: Upgrade', 'Upgrade: websocket'));
      await connection.received('HTTP/1.1 200');
    },
  ],
  [
    'a tunnel',
    async (connection) => {
      connection.write(head('CONNECT example.com:443'));
      expect(await connection.closed()).toBe('');
    },
  ],
  [
    'refused for its host',
    async (connection) => {
      connection.write('GET /sessions/x HTTP/1.1\r\nHost: other.example\r\n\r\n');
      await connection.received('HTTP/1.1 403');
    },
  ],
  [
    'a HEAD',
    async (connection) => {
      connection.write(head(`HEAD /sessions/${sessionId}`, 'Connection: close'));
      expect(await connection.closed()).toContain('HTTP/1.1 200');
    },
  ],
  [
    'refused beyond the limit',
    (connection) =>
      whileTheStoreWaits(async () => {
        const others = await Promise.all(
          Array.from({ length: SETTINGS.maxRequestsUnderWay }, () => openRaw(service.client.origin)),
        );
        for (const other of others) other.write(append());
        await untilUnderWay(SETTINGS.maxRequestsUnderWay);
        connection.write(get());
        await connection.received('HTTP/1.1 503');
        others.forEach(leave);
      }),
  ],
];

/** Waits until this many requests are being processed. */
function untilUnderWay(count: number): Promise<void> {
  return until(async () => ((await underWay())['requests'] ?? 0) >= count, 30_000);
}

describe('a request', () => {
  it.each(ENDS)('that is %s is no longer counted as under way', async (_how, end) => {
    const connection = await openRaw(service.client.origin);
    await end(connection);
    await expectNone();
    connection.leave();
  });

  it('is answered as usual after all of these', async () => {
    const statuses = [];
    for (let asked = 0; asked < 100; asked++) statuses.push((await service.client.read(sessionId)).status);
    expect(statuses).toEqual(statuses.map(() => 200));
  });
});
