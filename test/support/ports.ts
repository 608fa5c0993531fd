import { createServer, type Server } from 'node:net';

/** Below those that systems give to outgoing connections, which could take the port of a process that is down. */
const LOWEST = 15_000;
const HIGHEST = 31_998;

/** Kept, so that they go on listening for as long as this process lives. */
const guards = new Set<Server>();

/**
 * A port of the loopback interface on which a process can be started again and again.
 *
 * It is free, and stays so as far as other runs of the tests go: each port that this gives is an even one, and belongs
 * to the process that listens on the odd one above. Without that two runs could choose the same port, and one of them
 * take the other's service for its own, until that ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + 2 * Math.floor((Math.random() * (HIGHEST - LOWEST)) / 2);
    const guard = await listen(port + 1);
    if (!guard) continue;
    const server = await listen(port);
    if (server) {
      guards.add(guard);
      await close(server);
      return port;
    }
    await close(guard);
  }
}

/** Several of them, as commands name them. */
export async function freePorts(count: number): Promise<string[]> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  return ports.map(String);
}

/** A server on a port; undefined where that is taken. It keeps no process alive. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
