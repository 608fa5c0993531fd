import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, writeFileSync, type WriteStream } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = new URL('../../../', import.meta.url);
/** `GUARANTEES_DIST` names another build to test, one that is broken on purpose. */
const DIST = resolve(process.env['GUARANTEES_DIST'] ?? new URL('dist', ROOT).pathname);

if (!existsSync(join(DIST, 'main.js')))
  throw new Error(`${DIST}/main.js is not there: run "npm run build" first`);

const CLOCK = new URL('clock.mjs', import.meta.url).href;

interface ProcessOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A folder of its own, also for its log. */
  readonly directory: string;
}

/** A Node process that is started, killed and started again. */
export abstract class ManagedProcess {
  /** How it ended when it was not told to. */
  readonly deaths: string[] = [];
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  private expected = false;
  private readonly log: WriteStream;

  constructor(private readonly options: ProcessOptions) {
    this.log = createWriteStream(join(options.directory, `${options.name}.log`), { flags: 'a' });
  }

  get name(): string {
    return this.options.name;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  abstract isReady(): Promise<boolean>;

  start(): void {
    const { args, env, directory } = this.options;
    this.expected = false;
    // Only the necessary variables: the developer's shell must not influence the test.
    const child = spawn(process.execPath, [...args], {
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stdout.pipe(this.log, { end: false });
    child.stderr.pipe(this.log, { end: false });
    this.ended = new Promise((end) => {
      child.once('exit', (code, signal) => {
        if (!this.expected)
          this.deaths.push(`${this.name} ended by itself: ${signal ?? `code ${code ?? '?'}`}`);
        end(undefined);
      });
    });
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

  /** SIGKILL, as the kernel or a power cut would. */
  async kill(): Promise<void> {
    this.expected = true;
    this.signal('SIGKILL');
    await this.ended;
  }

  /** SIGTERM; after `patienceMs` SIGKILL, which is recorded as a death, since it should have stopped cleanly. */
  async terminate(patienceMs = 15_000): Promise<void> {
    this.expected = true;
    this.signal('SIGTERM');
    const timer = setTimeout(() => {
      this.deaths.push(`${this.name} did not stop within ${patienceMs} ms of SIGTERM`);
      this.signal('SIGKILL');
    }, patienceMs);
    await this.ended;
    clearTimeout(timer);
  }

  pause(): void {
    this.signal('SIGSTOP');
  }

  resume(): void {
    this.signal('SIGCONT');
  }

  protected signal(name: NodeJS.Signals): void {
    if (this.isRunning) this.child?.kill(name);
  }
}

/** An instance of the service, as its users start it, with a clock that can be set. */
export class Instance extends ManagedProcess {
  readonly url: string;
  private readonly clockFile: string;

  /** @param env says where its store is. */
  constructor(name: string, port: number, directory: string, env: Readonly<Record<string, string>>) {
    const clockFile = join(directory, 'clock');
    super({
      name,
      args: ['--enable-source-maps', `--import=${CLOCK}`, join(DIST, 'main.js')],
      env: { LOG_LEVEL: 'warn', HOST: '127.0.0.1', PORT: String(port), CLOCK_FILE: clockFile, ...env },
      directory,
    });
    this.clockFile = clockFile;
    this.url = `http://127.0.0.1:${port}`;
    this.setClock(0);
  }

  /** Sets its clock: that many milliseconds fast. */
  setClock(shiftMs: number): void {
    writeFileSync(this.clockFile, String(shiftMs));
    this.signal('SIGUSR2');
  }

  async isReady(): Promise<boolean> {
    const ready = fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(3000) });
    return ready.then(
      ({ ok, body }) => body?.cancel().then(() => ok) ?? ok,
      () => false,
    );
  }
}

/** The embedded store in a process of its own, as `npm run store` starts it. */
export class StoreServer extends ManagedProcess {
  constructor(
    directory: string,
    readonly port: number,
  ) {
    super({
      name: 'store',
      args: [join(DIST, 'cli/store.js'), '--path', join(directory, 'store'), '--port', String(port)],
      env: {},
      directory,
    });
  }

  isReady(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
  }
}
