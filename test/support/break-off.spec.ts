import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { breakOff } from './break-off.js';

describe('a connection that is broken off', () => {
  const server = createServer();
  let near: Socket;
  let far: Socket;
  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    near = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [[far]] = await Promise.all([accepted, once(near, 'connect')]);
  });
  afterEach(async () => {
    near.destroy();
    far.destroy();
    server.close();
    await once(server, 'close');
  });

  it('is reset for its other end', async () => {
    const broken = once(far, 'error');
    breakOff(near);
    await once(near, 'close');
    expect(await broken).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('is gone where it is just being ended, too', async () => {
    near.end('the last');
    breakOff(near);
    await once(near, 'close'); // or its error
    expect(near.destroyed).toBe(true);
  });
});
