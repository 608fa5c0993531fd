import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';

export interface ProcessOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The file for its output. */
  readonly logFile: string;
}

/** How a process ended, in words. */
type Exit = string;

/** A Node process that is started, killed and started again. */
export class ManagedProcess {
  /** How it ended when it was not told to. */
  readonly deaths: string[] = [];
  private child: ChildProcess | undefined;
  private ended: Promise<Exit> = Promise.resolve('never started');
  private expected = false;
  private readonly log: WriteStream;

  constructor(private readonly options: ProcessOptions) {
    this.log = createWriteStream(options.logFile, { flags: 'a' });
  }

  get name(): string {
    return this.options.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  start(): void {
    const { args, env, cwd } = this.options;
    this.expected = false;
    // Only the necessary variables: the developer's shell must not influence the test.
    const child = spawn(process.execPath, [...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.stdout.pipe(this.log, { end: false });
    child.stderr.pipe(this.log, { end: false });
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        const exit = signal ?? `code ${code ?? '?'}`;
        if (!this.expected) this.deaths.push(`${this.options.name} ended by itself: ${exit}`);
        resolve(exit);
      });
    });
  }

  /** SIGKILL, as the kernel or a power cut would. */
  async kill(): Promise<void> {
    this.expected = true;
    if (this.isRunning) this.child?.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM; after `patienceMs` SIGKILL, which is recorded as a death, since it should have stopped cleanly. */
  async terminate(patienceMs = 15_000): Promise<void> {
    this.expected = true;
    if (!this.isRunning) return;
    this.child?.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.deaths.push(`${this.options.name} did not stop within ${patienceMs} ms of SIGTERM`);
      this.child?.kill('SIGKILL');
    }, patienceMs);
    await this.ended;
    clearTimeout(timer);
  }

  pause(): void {
    if (this.isRunning) this.child?.kill('SIGSTOP');
  }

  resume(): void {
    if (this.isRunning) this.child?.kill('SIGCONT');
  }
}
