import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give out for port 0, so that no other suite is given one of them meanwhile. */
const FIRST = 20_000;
const COUNT = 10_000;

/** Ports on which nobody listens, for commands that must know theirs beforehand. */
export async function freePorts(count: number): Promise<string[]> {
  const ports = new Set<string>();
  while (ports.size < count) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) ports.add(String(port));
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
