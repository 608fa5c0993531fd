import { EventEmitter, once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventRepository } from '../../src/modules/event/repositories/event.repository.js';
import { SessionRepository } from '../../src/modules/session/repositories/session.repository.js';
import { openRaw, type RawConnection } from '../support/http.js';
import { anEvent, aSession, createSession, upTo } from '../support/samples.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const KIB = 1024;
const MIB = 1024 * KIB;

let service: TestService;
let connections: RawConnection[];
/** What requests that are held in the store wait for. */
let hurdle: Promise<void>;
let release: () => void;
beforeEach(() => {
  connections = [];
  hurdle = new Promise((resolve) => (release = resolve));
});
afterEach(async () => {
  for (const connection of connections) connection.leave();
  await service.close();
});

async function open(text: string): Promise<RawConnection> {
  const opened = await openRaw(service.client.origin);
  connections.push(opened);
  opened.write(text);
  return opened;
}

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');

/** A request whose body stops before its last byte. */
function unfinished(bytes: number, path = '/sessions'): Promise<RawConnection> {
  return open(head(`POST ${path}`, `Content-Length: ${bytes}`) + ' '.repeat(bytes - 1));
}

const bytesUnderWay = () => service.client.metric('conversation_under_way_bytes');

const untilBytes = (is: (bytes: number) => boolean) => until(async () => is(await bytesUnderWay()), 60_000);

/** A session, an append of 20 KB and a read of it, as any client makes them. */
async function anOrdinaryClient(): Promise<number[]> {
  const session = aSession();
  const payload = { text: 'x'.repeat(20_000) };
  return [
    (await service.client.create(session)).status,
    (await service.client.append(session.sessionId, anEvent({ payload }))).status,
    (await service.client.read(session.sessionId)).status,
    (await service.client.complete(session.sessionId)).status,
  ];
}

const SERVED = [201, 201, 200, 200];

describe('a body that has not arrived', () => {
  it.each([
    ['in chunks', ['Transfer-Encoding: chunked']],
    ['of 4 MiB', [`Content-Length: ${4 * MIB}`]],
    ['of a byte', ['Content-Length: 1']],
    ['compressed', ['Content-Length: 100', 'Content-Encoding: gzip']],
  ])('takes nothing from others, announced %s by 60 clients', async (_how, headers) => {
    service = await startService({ MAX_REQUESTS_UNDER_WAY: 10, MAX_BYTES_UNDER_WAY: 8 * MIB });
    await Promise.all(upTo(60).map(() => open(head('POST /sessions/a/events/batch', ...headers))));

    expect(await anOrdinaryClient()).toEqual(SERVED);
    expect(await bytesUnderWay()).toBe(0);
  });

  it('counts by what has arrived, is refused where that does not fit, and leaves room for others', async () => {
    service = await startService({ MAX_BYTES_UNDER_WAY: 8 * MIB });
    const some = await Promise.all(upTo(20).map(() => unfinished(500 * KIB)));
    await untilBytes((bytes) => bytes > 6 * MIB);
    const refused = await unfinished(512 * KIB);
    await refused.received('HTTP/1.1 503');
    await refused.received('Retry-After: 1');

    expect(await bytesUnderWay()).toBeLessThan(8 * MIB);
    expect(await anOrdinaryClient()).toEqual(SERVED);

    for (const connection of some) connection.leave();
    await untilBytes((bytes) => bytes === 0);
    expect((await service.client.create(aSession({ metadata: {} }))).status).toBe(201);
  });

  it('counts after decompression too', async () => {
    service = await startService({ MAX_BYTES_UNDER_WAY: 32 * MIB });
    const body = gzipSync(' '.repeat(4 * MIB));
    const sent = head(
      'POST /sessions/a/events/batch',
      'Content-Encoding: gzip',
      `Content-Length: ${body.length}`,
    );
    const opened = await open(sent);
    opened.write(body.subarray(0, -1));

    await untilBytes((bytes) => bytes > 3 * MIB);
  });

  it('counts for more than its bytes if it comes in tiny pieces, which take memory of their own', async () => {
    service = await startService();
    await open(head('POST /sessions', 'Transfer-Encoding: chunked') + '1\r\n \r\n'.repeat(1000));

    await untilBytes((bytes) => bytes > 100_000);
  });
});

it.each([
  ['more than 1,000 pieces of a byte ends its connection', 1, /^$/],
  ['pieces of 50 bytes is read, as slow lines send them', 50, /^HTTP\/1\.1 201/],
])('a body in %s', async (_what, size, answer) => {
  service = await startService();
  const json = JSON.stringify(aSession()).padEnd(2000 * size, ' ');
  const pieces = upTo(2000).map((n) => `${size.toString(16)}\r\n${json.slice((n - 1) * size, n * size)}\r\n`);
  const sent = await open(head('POST /sessions', 'Transfer-Encoding: chunked', 'Connection: close'));
  sent.write(`${pieces.join('')}0\r\n\r\n`);

  expect(await sent.closed()).toMatch(answer);
});

it('takes 40 bodies of 100 KB at once, a few at a time', async () => {
  service = await startService();
  const sessionId = await createSession(service.client);
  const large = () => anEvent({ payload: { text: 'x'.repeat(100_000) } });
  const answers = await Promise.all(upTo(40).map(() => service.client.append(sessionId, large())));

  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
});

it('takes 60 small batches at once, compressed', async () => {
  service = await startService({ MAX_BYTES_UNDER_WAY: 8 * MIB });
  const sessionId = await createSession(service.client);
  const body = () => gzipSync(JSON.stringify({ events: [anEvent()] }));
  const headers = { 'Content-Encoding': 'gzip' };
  const path = `/sessions/${sessionId}/events/batch`;
  const answers = await Promise.all(upTo(60).map(() => service.client.postText(path, body(), headers)));

  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
});

it('a body that stops is answered with 408 after REQUEST_TIMEOUT_MS, and counts no more', async () => {
  service = await startService({ REQUEST_TIMEOUT_MS: 500 });
  const stopped = await unfinished(1000);

  expect(await stopped.closed()).toContain('HTTP/1.1 408');
  await untilBytes((bytes) => bytes === 0);
});

describe('batches of more than 512 KiB', () => {
  let begun = 0;
  class HoldingRepository extends EventRepository {
    override async insertAt(events: Parameters<EventRepository['insertAt']>[0]) {
      if (events.length > 10) {
        begun++;
        await hurdle;
      }
      return super.insertAt(events);
    }
  }
  const append = async (count: number) => {
    const payload = { text: 'x'.repeat(50_000) };
    return service.client.appendBatch(
      await createSession(service.client),
      upTo(count).map(() => anEvent({ payload })),
    );
  };

  it('hold up none of 100 KiB', async () => {
    service = await startService({}, [{ provider: EventRepository, by: HoldingRepository }]);
    const large = upTo(8).map(() => append(12));
    await untilBytes((bytes) => bytes > 8 * 12 * 50_000);

    for (const answer of await Promise.all(upTo(8).map(() => append(2)))) expect(answer.status).toBe(201);
    release();
    for (const answer of await Promise.all(large)) expect(answer.status).toBe(201);
  });

  it('keep their places until they are done, also when their deadlines have passed', async () => {
    begun = 0;
    service = await startService({ STORE_TIMEOUT_MS: 1000 }, [
      { provider: EventRepository, by: HoldingRepository },
    ]);
    for (const answer of await Promise.all(upTo(2).map(() => append(12)))) expect(answer.status).toBe(503);
    expect((await append(12)).status).toBe(503);
    expect(begun).toBe(2);

    release();
    await until(async () => (await append(12)).status === 201, 30_000);
  });
});

it('lists that wait for each other leave room for other requests', async () => {
  class HoldingRepository extends SessionRepository {
    override async findInRange(...args: Parameters<SessionRepository['findInRange']>) {
      await hurdle;
      return super.findInRange(...args);
    }
  }
  service = await startService({ MAX_REQUESTS_UNDER_WAY: 40 }, [
    { provider: SessionRepository, by: HoldingRepository },
  ]);
  const served = 4 + 15; // four at once; of the others, half of three quarters of 40
  let refused = 0;
  const lists = upTo(60).map(async () => {
    const { status } = await service.client.list();
    if (status === 503) refused++;
    return status;
  });
  await until(() => refused === 60 - served, 30_000);

  expect(await anOrdinaryClient()).toEqual(SERVED);
  release();
  expect((await Promise.all(lists)).filter((status) => status === 200)).toHaveLength(served);
});

describe('requests that are worked on', () => {
  /** Creations tell of being held in the store. */
  const held = new EventEmitter();

  class HoldingRepository extends SessionRepository {
    override async createIfAbsent(...args: Parameters<SessionRepository['createIfAbsent']>) {
      held.emit('held');
      await hurdle;
      return super.createIfAbsent(...args);
    }
  }

  beforeEach(async () => {
    service = await startService({ MAX_REQUESTS_UNDER_WAY: 2 }, [
      { provider: SessionRepository, by: HoldingRepository },
    ]);
  });

  const body = () => JSON.stringify(aSession());
  const hold = async () => {
    const isHeld = once(held, 'held');
    const text = body();
    const opened = await open(head('POST /sessions', `Content-Length: ${text.length}`) + text);
    await isHeld;
    return opened;
  };

  it.each(['GET /Sessions/x', 'GET http://localhost/sessions/x', 'POST /sessions/x/complete'])(
    'are limited: %s is refused at once, and probes are not',
    async (line) => {
      const some = [await hold(), await hold()];
      const refused = await open(head(line));
      await refused.received('HTTP/1.1 503');
      await refused.received('Retry-After: 1');
      await refused.received('"code":"STORE_UNAVAILABLE"');
      for (const path of ['/health/live', '/health/ready', '/metrics', '/docs/openapi.json']) {
        expect((await service.client.send({ path })).status).toBe(200);
      }
      release();
      for (const connection of some) await connection.received('HTTP/1.1 201');
    },
  );

  it('are so no longer when their client has left', async () => {
    for (const connection of [await hold(), await hold()]) connection.leave();

    await until(async () => (await service.client.read('none')).status === 404, 60_000);
    release();
  });

  it('are no more than 20 of one connection: who pipelines more is disconnected', async () => {
    await service.close();
    service = await startService({ MAX_REQUESTS_UNDER_WAY: 40 }, [
      { provider: SessionRepository, by: HoldingRepository },
    ]);
    const create = () => {
      const text = body();
      return head('POST /sessions', `Content-Length: ${text.length}`) + text;
    };
    const pipelining = await open(upTo(20).map(create).join(''));
    await once(held, 'held');
    const many = await open(create().repeat(21));
    expect(await many.closed()).toBe('');

    expect((await service.client.read('none')).status).toBe(404);
    release();
    await pipelining.received('HTTP/1.1 201');
  });
});
