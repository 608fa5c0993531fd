import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { beginInTurn } from './connections.js';

/** The requests that the server has begun and not answered yet, in order. */
let begun: ServerResponse[];
/** The number of requests that Node has parsed. */
let read: number;
let server: Server;
beforeEach(async () => {
  [begun, read] = [[], 0];
  server = createServer((_request, response) => begun.push(response));
  beginInTurn(server);
  server.prependListener('request', () => read++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A connection that has sent requests for `/1`, `/2` … */
function pipelining(count: number) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1');
  const connection = { socket, received: '' };
  socket.on('data', (text: string) => (connection.received += text));
  for (let at = 1; at <= count; at++) socket.write(`GET /${at} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return connection;
}

/** Answers a request with its path. */
function answer(response?: ServerResponse): void {
  response?.end(`<${response.req.url}>`);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

describe('pipelined requests', () => {
  it('are begun one after the other, while those of other clients go on', async () => {
    const some = pipelining(3);
    await until(() => read === 3);
    const other = pipelining(1);
    await until(() => read === 4);
    expect(begun.map(({ req }) => req.url)).toEqual(['/1', '/1']);

    for (let at = 0; at < 4; at++) {
      await until(() => begun.length > at);
      answer(begun[at]);
    }
    await until(() => some.received.includes('</3>') && other.received.includes('</1>'));
    expect(some.received.match(/<.*>/g)).toEqual(['</1>', '</2>', '</3>']);
  });

  it('are not begun if their client left before their turn', async () => {
    const { socket } = pipelining(3);
    await until(() => read === 3);
    socket.destroy();
    await once(begun[0] as ServerResponse, 'close');
    await turn();
    expect(begun.map(({ req }) => req.url)).toEqual(['/1']);
  });

  it('are read no faster than they are answered, and none is forgotten', async () => {
    const count = 10_000;
    const connection = pipelining(count);
    await until(() => read > 100);
    for (let turns = 0; turns < 100; turns++) await turn();
    expect(read).toBeLessThan(count / 2);

    for (let at = 0; at < count; at++) {
      await until(() => begun.length > at);
      answer(begun[at]);
    }
    await until(() => connection.received.includes(`</${count}>`));
    expect(connection.received.match(/<.*>/g)).toHaveLength(count);
  });
});
