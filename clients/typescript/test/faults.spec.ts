import { getEventListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ConversationClient, NoAnswerError, UnreadableError, type Retry } from '../src/index.js';
import { freePort } from '../../../test/support/ports.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: { close(): void; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Something that answers instead of the service, such as a proxy. @returns its origin. */
async function answering(handle: Handler): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client that notes its retries. */
function clientOf(
  baseUrl: string,
  options: Partial<ConstructorParameters<typeof ConversationClient>[0]> = {},
) {
  const retries: Retry[] = [];
  const onRetry = (retry: Retry) => {
    retries.push(retry);
  };
  return { client: new ConversationClient({ baseUrl, onRetry, ...options }), retries };
}

describe('an address', () => {
  it.each(['localhost:3000', '127.0.0.1:3000', 'service', '', 'ftp://localhost', 'file:///tmp'])(
    '"%s" is refused at once, with a sentence',
    (baseUrl) => {
      expect(() => new ConversationClient({ baseUrl })).toThrow(
        `baseUrl is "${baseUrl}"; it has to begin with http:// or https://`,
      );
    },
  );

  it('at which nothing listens is named with the first try, and at the end', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const { client, retries } = clientOf(origin);
    const url = `${origin}/sessions/s?limit=1`;
    const error = await client.get('s', { timeoutMs: 700 }).catch((thrown: unknown) => thrown);

    expect(retries[0]).toMatchObject({ url, failures: 1, reason: expect.stringContaining('ECONNREFUSED') });
    expect(error).toBeInstanceOf(NoAnswerError);
    expect((error as Error).message).toMatch(
      /^No answer from .+\/sessions\/s\?limit=1 within 700 ms: .+ECONNREFUSED/,
    );
    expect((error as Error).message).toContain(url);
  });

  it('is named by one warning, unless somebody listens', async () => {
    const origin = `http://localhost:${await freePort()}`; // two addresses, and an error for each
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const client = new ConversationClient({ baseUrl: origin, timeoutMs: 700 });
      await expect(client.get('s')).rejects.toBeInstanceOf(NoAnswerError);
      await expect(client.get('s')).rejects.toBeInstanceOf(NoAnswerError);
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(/^A request to http:.+ failed: .+ECONNREFUSED.+ Trying again\.$/)],
      ]);
    } finally {
      warn.mockRestore();
    }
  });
});

describe('a mistake of the environment', () => {
  it('is thrown at once', async () => {
    const { client, retries } = clientOf(await answering(() => undefined), {
      headers: { 'X-Name': '🙂' },
    });
    await expect(client.get('s')).rejects.toThrow(TypeError);
    await expect(client.follow('s').next()).rejects.toThrow(TypeError);
    const broken = () => {
      throw new ReferenceError('crypto is not defined');
    };
    await expect(clientOf('http://service.test', { fetch: broken }).client.get('s')).rejects.toThrow(
      'crypto',
    );
    expect(retries).toEqual([]);
  });
});

describe('an answer', () => {
  it('that is a success but not JSON is an error of its own, at once', async () => {
    const origin = await answering((_request, response) => response.end('<html>Log in'));
    const { client, retries } = clientOf(origin);
    await expect(client.get('s')).rejects.toBeInstanceOf(UnreadableError);
    await expect(client.append('s', { type: 'system', payload: {} })).rejects.toThrow('<html>Log in');
    expect(retries).toEqual([]);
  });

  it('that stays 503 is thrown when the time is up', async () => {
    const origin = await answering((_request, response) => {
      response.writeHead(503, { 'Content-Type': 'application/json' }).end('{"code":"STORE_UNAVAILABLE"}');
    });
    const { client, retries } = clientOf(origin);
    const error = { name: 'ServiceError', status: 503, code: 'STORE_UNAVAILABLE' };
    await expect(client.get('s', { timeoutMs: 900 })).rejects.toMatchObject(error);
    expect(retries.length).toBeGreaterThan(1);
  });

  it('that breaks off in an export is not taken for the whole', async () => {
    const origin = await answering((_request, response) => response.end('{"sessionId":"s"}\n'));
    const iteration = clientOf(origin).client.export('s');
    expect((await iteration.next()).value).toEqual({ sessionId: 's' });
    await expect(iteration.next()).rejects.toThrow('The export of "s" broke off');
  });
});

describe('a stream', () => {
  it('that breaks off is opened again from the same place, with growing pauses, until the time is up', async () => {
    const positions: unknown[] = [];
    const origin = await answering((request, response) => {
      positions.push(request.headers['last-event-id']);
      if (positions.length > 1) return response.writeHead(502).end();
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      return response.end('id: 1\nevent: event\ndata: {"sequence":1}\n\nid: 2\nevent: ev');
    });
    const { client, retries } = clientOf(origin);
    const stream = client.follow('s', { timeoutMs: 3000 });
    expect((await stream.next()).value).toEqual({ sequence: 1 });

    await expect(stream.next()).rejects.toMatchObject({ name: 'ServiceError', status: 502 });

    expect(positions).toEqual([undefined, ...new Array<string>(positions.length - 1).fill('1')]);
    expect(positions.length).toBeGreaterThan(2);
    expect(retries.map(({ failures }) => failures)).toEqual(retries.map((_, index) => index + 1));
    for (const { failures, pauseMs } of retries)
      expect(pauseMs).toBeLessThanOrEqual(200 * 2 ** (failures - 1));
  });

  it('whose data can not be read is an error, at once', async () => {
    const origin = await answering((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end('event: event\ndata: {\n\n');
    });
    const { client, retries } = clientOf(origin);
    await expect(client.follow('s').next()).rejects.toBeInstanceOf(UnreadableError);
    expect(retries).toEqual([]);
  });

  it('ends where its listener says so', async () => {
    const { client } = clientOf(`http://127.0.0.1:${await freePort()}`);
    const enough = new Error('enough');
    const onRetry = ({ failures }: Retry) => {
      if (failures === 2) throw enough;
    };
    await expect(client.follow('s', { onRetry }).next()).rejects.toBe(enough);
  });
});

describe('a long-lived signal', () => {
  it('keeps nothing of the calls that it was given to', async () => {
    let count = 0;
    const origin = await answering((request, response) => {
      const bodies: Record<string, string> = {
        'text/event-stream': 'event: session\ndata: {}\n\n',
        'application/x-ndjson': '{}\n{"end":true}\n',
      };
      response.writeHead(++count % 2 ? 503 : 200).end(bodies[request.headers.accept ?? ''] ?? '{}');
    });
    const { signal } = new AbortController();
    const { client, retries } = clientOf(origin);
    for (let call = 0; call < 5; call++) {
      await client.get('s', { signal });
      await client.follow('s', { signal }).next();
      for await (const each of client.export('s', { signal })) expect(each).toEqual({});
    }
    const kept = Object.getOwnPropertySymbols(signal).map((symbol) => Reflect.get(signal, symbol) as unknown);
    const sizes = kept.map((each) => (each as { size?: number } | undefined)?.size ?? 0);
    expect(retries.length).toBeGreaterThanOrEqual(5);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(Math.max(...sizes)).toBe(0); // AbortSignal.any would keep its results in a set of the signal's
  });
});
