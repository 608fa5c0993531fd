import { setTimeout as sleep } from 'node:timers/promises';
import { aborted, closed, rudeConnection, type Attacker } from '../attacker.js';
import { bigSession } from './big-session.js';

const CLIENTS = 10;
/** Together with the time before, longer than the service waits for a byte to be read. */
const PATIENCE_MS = 2500;

/** Requests pages larger than the socket buffers, and reads nothing. */
export const neverReads: Attacker = {
  name: `${CLIENTS} clients ask for pages of 16 MB and never read`,
  crowds: true,
  prepare: (service) => bigSession(service, 100),
  async attack(service, signal, sessionId) {
    const sockets = Array.from({ length: CLIENTS }, () => rudeConnection(service).pause());
    for (const socket of sockets) {
      socket.write(
        `GET /sessions/${sessionId}?limit=100 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
    }
    await aborted(signal);
    await sleep(PATIENCE_MS);
    for (const socket of sockets) socket.resume(); // a closed connection is noticed only by reading
    await Promise.all(sockets.map(closed));
    return { 'cut off': sockets.length };
  },
};
