// The service of the tour: a process that can be started, killed and started again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const HOST = '127.0.0.1';
const READY_MS = 60_000;
const STOP_MS = 5000;
const LOG_LINES = 15;

/** What the service inherits: none of its own settings, so that the tour is the same everywhere. */
const inherited = (({ PATH, HOME, TMPDIR, NODE_OPTIONS }) => ({ PATH, HOME, TMPDIR, NODE_OPTIONS }))(
  process.env,
);

export class Service {
  child;

  /** @param directory its working directory, for its log and the embedded store. */
  constructor({ port, directory, mongodbUri }) {
    this.origin = `http://${HOST}:${port}`;
    this.directory = directory;
    this.log = join(directory, 'log');
    this.environment = {
      ...inherited,
      HOST,
      PORT: port,
      MONGODB_URI: mongodbUri,
      DATA_DIR: 'data',
      NO_COLOR: 1,
      METADATA_FILTER_KEYS: 'caller,queue',
      STORE_TIMEOUT_MS: 10_000, // a busy laptop is not an outage
    };
  }

  /** Starts it and waits until it is ready. @throws Error if it ends or is not ready in time. */
  async start() {
    const log = openSync(this.log, 'a');
    this.child = spawn(process.execPath, ['--enable-source-maps', MAIN], {
      cwd: this.directory,
      env: this.environment,
      stdio: ['ignore', log, log],
    });
    const deadline = performance.now() + READY_MS;
    while (!(await isReady(this.origin))) {
      if (!this.isRunning) throw new Error('The service ended by itself.');
      if (performance.now() > deadline) throw new Error(`The service was not ready in ${READY_MS / 1000} s.`);
      await pause(20);
    }
  }

  get isRunning() {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Asks it to stop at once, and kills it after a while. With SIGKILL, it can't finish anything. */
  async stop(signal = 'SIGTERM') {
    if (this.isRunning) this.child.kill(signal);
    const insist = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await this.ended();
    clearTimeout(insist);
  }

  /** Resolves when it has ended. */
  async ended() {
    if (this.isRunning) await once(this.child, 'exit');
  }

  /** The last lines of its log. */
  lastWords() {
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
  }
}

/** Whether it responds that it is ready; at first it does not even listen. */
function isReady(origin) {
  const responding = fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(3000) });
  return responding.then(({ ok }) => ok, () => false); // oxfmt-ignore
}

/** The wanted port if it is free, otherwise any. */
export async function freePort(wanted) {
  const server = createServer().listen(wanted, HOST);
  try {
    await once(server, 'listening');
    return server.address().port;
  } catch {
    return freePort(0); // it is taken
  } finally {
    server.close();
  }
}
