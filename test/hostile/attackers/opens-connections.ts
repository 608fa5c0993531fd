import { aborted, closed, rudeConnection, type Attacker } from '../attacker.js';

/** Opens connections and sends nothing. */
export function opensConnections(count: number): Attacker {
  return {
    name: `${count} idle connections`,
    async attack(service, signal) {
      const sockets = Array.from({ length: count }, () => rudeConnection(service).resume());
      await aborted(signal);
      for (const socket of sockets) socket.destroy();
      await Promise.all(sockets.map(closed));
      return { connections: sockets.length };
    },
  };
}
