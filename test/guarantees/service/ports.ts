import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections, which could take the port of an instance that is down. */
const LOWEST = 15_000;
const HIGHEST = 31_999;
const given = new Set<number>();

/** A port of the loopback interface that was free a moment ago; a process can be started again on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
