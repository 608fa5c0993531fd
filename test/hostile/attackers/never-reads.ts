import { setTimeout as sleep } from 'node:timers/promises';
import { aborted, closed, rudeConnection, type Attacker } from '../attacker.js';
import { bigSession } from './big-session.js';

/** With what went before, longer than the service waits for a byte to be taken. */
const PATIENCE_MS = 4000;

/** Asks for pages of more than the system itself takes on its way between the two, and takes not a byte of them. */
export const neverReads: Attacker = {
  name: '20 clients ask for pages of 16 MB and never read',
  crowds: true,
  environment: {
    MAX_REQUESTS_UNDER_WAY: '20',
    SEND_TIMEOUT_MS: '1500',
    MAX_PAGE_BYTES: String(16 * 1024 * 1024),
  },
  prepare: (service) => bigSession(service, 100),
  async attack(service, signal, sessionId) {
    const sockets = Array.from({ length: 20 }, () => rudeConnection(service).pause());
    for (const socket of sockets) {
      socket.write(
        `GET /sessions/${sessionId}?limit=100 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
    }
    await aborted(signal);
    await sleep(PATIENCE_MS);
    for (const socket of sockets) socket.resume(); // what was cut off shows only to those who read
    await Promise.all(sockets.map(closed));
    return { 'cut off': sockets.length };
  },
};
