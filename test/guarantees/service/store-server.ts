import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedProcess } from './managed-process.js';

const PROGRAM = 'test/guarantees/service/serve-store.mjs';

/** The embedded store in a process of its own, on TCP. */
export class StoreServer extends ManagedProcess {
  constructor(
    dist: string,
    directory: string,
    readonly port: number,
  ) {
    super({
      name: 'store',
      args: [
        join(process.cwd(), PROGRAM),
        join(dist, 'embedded-mongo'),
        join(directory, 'store'),
        String(port),
      ],
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
