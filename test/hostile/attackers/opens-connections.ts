import { type Socket } from 'node:net';
import { aborted, closed, rudeConnection, statusOf, type Attacker } from '../attacker.js';

/** Fewer than the system queues for a process to accept; one that it drops is known to its client alone for half a minute. */
const AT_ONCE = 300;

/** Opens connections and sends nothing. */
export function opensConnections(count: number): Attacker {
  return {
    name: `${count} idle connections`,
    async attack(service, signal) {
      const sockets: Socket[] = [];
      while (sockets.length < count) {
        for (let opened = 0; opened < AT_ONCE; opened++) sockets.push(rudeConnection(service).resume());
        await statusOf(service, '/health/live'); // it has accepted those before this one
      }
      await aborted(signal);
      for (const socket of sockets) socket.destroy();
      await Promise.all(sockets.map(closed));
      return { connections: sockets.length };
    },
  };
}
