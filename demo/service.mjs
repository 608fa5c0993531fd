// The service of the tour: a child process that can be started, killed and started again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const HOST = '127.0.0.1';
const READY_MS = 20_000;
const STOP_MS = 5_000;
const LOG_LINES = 25;

/** Environment variables that the service inherits: none of its own settings, so that the tour is the same everywhere. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];

/** The service failed; its log has the details. */
export class ServiceError extends Error {}

export class Service {
  #child;
  #log = [];
  #expectedToEnd = true;

  /**
   * @param directory its working directory, without a `.env`, in which it puts the embedded store.
   * @param onDeath called when it ends without having been told to.
   */
  constructor({ port, directory, mongodbUri, onDeath }) {
    this.origin = `http://${HOST}:${port}`;
    this.onDeath = onDeath;
    this.directory = directory;
    this.environment = {
      ...Object.fromEntries(
        INHERITED.filter((name) => process.env[name]).map((name) => [name, process.env[name]]),
      ),
      HOST,
      PORT: String(port),
      DATA_DIR: 'data',
      STORE_TIMEOUT_MS: '10000', // a busy laptop is not an outage
      ...(mongodbUri && { MONGODB_URI: mongodbUri }),
      NO_COLOR: '1',
    };
  }

  get pid() {
    return this.#child?.pid;
  }

  /** The last lines of its log. */
  get log() {
    return this.#log;
  }

  /** Starts it, and waits until it is ready. */
  async start() {
    const child = spawn(process.execPath, ['--enable-source-maps', MAIN], {
      cwd: this.directory,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#expectedToEnd = false;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#log.push(...text.split('\n').filter(Boolean));
        this.#log.splice(0, this.#log.length - LOG_LINES);
      });
    }
    child.once('exit', (code, signal) => {
      if (this.#expectedToEnd) return;
      this.onDeath(new ServiceError(`The service ended by itself (${signal ?? `exit code ${code}`}).`));
    });
    await this.#ready();
  }

  async #ready() {
    const deadline = performance.now() + READY_MS;
    while (!(await isReady(this.origin))) {
      if (performance.now() > deadline) {
        throw new ServiceError(`The service was not ready within ${READY_MS / 1000} s.`);
      }
      await pause(20);
    }
  }

  /** kill -9, so that it can't finish anything. */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** Asks it to stop, and kills it after a while. */
  async stop() {
    const insist = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS);
    await this.#end('SIGTERM');
    clearTimeout(insist);
  }

  /** Kills it without waiting, for the exit of this process. */
  killNow() {
    this.#expectedToEnd = true;
    if (isRunning(this.#child)) this.#child.kill('SIGKILL');
  }

  async #end(signal) {
    this.#expectedToEnd = true;
    const child = this.#child;
    if (!isRunning(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

function isRunning(child) {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function isReady(origin) {
  try {
    const { ok } = await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(3_000) });
    return ok;
  } catch {
    return false; // not listening yet
  }
}

/** The wanted port if it is free, otherwise any. */
export async function freePort(wanted) {
  return (await tryPort(wanted)) ?? (await tryPort(0));
}

async function tryPort(port) {
  const server = createServer();
  server.listen(port, HOST);
  try {
    await once(server, 'listening');
    return server.address().port;
  } catch {
    return undefined; // taken
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
}
