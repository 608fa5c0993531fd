import { setTimeout as sleep } from 'node:timers/promises';
import { rudeConnection, type Attacker } from '../attacker.js';

/** Sends a header one byte at a time, and never completes it. */
export const slowHeads: Attacker = {
  name: '300 heads of requests, a byte every 50 ms',
  lastsMs: 2000, // it is cut off after a second, which the service checks once a second
  async attack(service, signal) {
    let cut = 0;
    const sockets = new Set<ReturnType<typeof rudeConnection>>();
    const open = () => {
      const socket = rudeConnection(service).resume();
      socket.write('GET /sessions/any HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        cut++;
      });
    };
    while (!signal.aborted) {
      while (sockets.size < 300) open();
      await sleep(50);
      for (const socket of sockets) socket.write('x');
    }
    for (const socket of sockets) socket.destroy();
    return { 'cut off': cut };
  },
};
