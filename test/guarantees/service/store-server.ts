import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedProcess } from './managed-process.js';

/** The embedded store in a process of its own (`npm run store`), so that several instances share it, and faults strike it alone. */
export class StoreServer extends ManagedProcess {
  constructor(
    dist: string,
    directory: string,
    readonly port: number,
  ) {
    super({
      name: 'store',
      args: [join(dist, 'cli/store.js'), '--path', join(directory, 'store'), '--port', String(port)],
      env: {},
      cwd: directory,
      logFile: join(directory, 'store.log'),
    });
  }

  async untilReady(patienceMs = 15_000): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!(await accepts(this.port))) {
      if (performance.now() > deadline) {
        throw new Error(`the store is not there after ${patienceMs} ms; ${this.deaths.at(-1) ?? 'it runs'}`);
      }
      await sleep(50);
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
