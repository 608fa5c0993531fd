import { aborted, closed, rudeConnection, type Attacker } from '../attacker.js';
import { bigSession } from './big-session.js';

/** More than the system takes on its way between the two. */
const PAGES = 20;

/** Asks for the largest pages there are, one after the other, and takes not a byte of them. */
export const neverReads: Attacker = {
  name: `20 clients ask for ${PAGES} pages of 4 MB each and never read`,
  crowds: true,
  environment: { MAX_REQUESTS_UNDER_WAY: '20', SEND_TIMEOUT_MS: '1500' },
  prepare: (service) => bigSession(service, 25),
  async attack(service, signal, sessionId) {
    const sockets = Array.from({ length: 20 }, () => rudeConnection(service).pause());
    for (const socket of sockets) {
      socket.write(`GET /sessions/${sessionId}?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(PAGES));
    }
    await aborted(signal);
    for (const socket of sockets) socket.resume(); // what was cut off shows only to those who read
    await Promise.all(sockets.map(closed));
    return { 'cut off': sockets.length };
  },
};
