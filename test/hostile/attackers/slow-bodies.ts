import { setTimeout as sleep } from 'node:timers/promises';
import { rudeConnection, type Attacker } from '../attacker.js';

const HEAD =
  'POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n';

/** Sends bodies one byte at a time, for more requests than the limit. */
export const slowBodies: Attacker = {
  name: '300 bodies, a byte every 50 ms, where 100 requests are worked on',
  crowds: true,
  lastsMs: 2000, // it is cut off after a second, which the service checks once a second
  async attack(service, signal) {
    let over = 0;
    const sockets = new Set<ReturnType<typeof rudeConnection>>();
    const open = () => {
      const socket = rudeConnection(service).resume();
      socket.write(HEAD);
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        over++;
      });
    };
    while (!signal.aborted) {
      while (sockets.size < 300) open();
      await sleep(50);
      for (const socket of sockets) socket.write(' ');
    }
    for (const socket of sockets) socket.destroy();
    return { 'cut off': over };
  },
};
