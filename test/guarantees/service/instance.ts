import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange, LostAnswer } from '../http.js';
import { ManagedProcess } from './managed-process.js';

export interface InstanceOptions {
  readonly name: string;
  /** The folder with main.js. */
  readonly dist: string;
  readonly port: number;
  /** A folder for its log, and for its store if it has its own. */
  readonly directory: string;
  /** Absent if it has its own store. */
  readonly mongodbUri?: string | undefined;
  /** Additional environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An instance of the service, as its users start it. */
export class Instance extends ManagedProcess {
  readonly url: string;

  constructor({ name, dist, port, directory, mongodbUri, env }: InstanceOptions) {
    super({
      name,
      args: ['--enable-source-maps', join(dist, 'main.js')],
      env: {
        LOG_LEVEL: 'warn',
        HOST: '127.0.0.1',
        PORT: String(port),
        ...(mongodbUri ? { MONGODB_URI: mongodbUri } : { DATA_DIR: join(directory, 'data') }),
        ...env,
      },
      cwd: directory,
      logFile: join(directory, `${name}.log`),
    });
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Whether it reports that it is ready. */
  async isReady(): Promise<boolean> {
    try {
      return (
        (await exchange({ method: 'GET', url: `${this.url}/health/ready`, timeoutMs: 3000 })).status === 200
      );
    } catch (error) {
      if (error instanceof LostAnswer) return false;
      throw error;
    }
  }

  /** Waits until it is ready. */
  async untilReady(patienceMs = 20_000): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const isReady = await this.isReady();
      // A response would come from another program on its port.
      if (!this.isRunning)
        throw new Error(`${this.name} does not run: ${this.deaths.at(-1) ?? 'it was ended'}`);
      if (isReady) return;
      if (performance.now() > deadline) throw new Error(`${this.name} is not ready after ${patienceMs} ms`);
      await sleep(50);
    }
  }
}
