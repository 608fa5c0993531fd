import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { ROOT } from './markdown.js';

/** The result of a block of commands. */
export interface Outcome {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

/**
 * A bash that stays open, like a reader's terminal: later blocks see the variables, functions and jobs of earlier ones.
 * It runs in the project's directory. All processes that it has started end with it.
 */
export class Shell {
  private readonly bash: ChildProcess;
  private readonly replies: Interface;
  private blocks = 0;

  /** @param directory a directory of its own, which is also its home. */
  constructor(
    private readonly directory: string,
    environment: Readonly<Record<string, string>> = {},
  ) {
    mkdirSync(directory, { recursive: true });
    // curl shows no progress meter in a terminal, but would in a file.
    writeFileSync(join(directory, '.curlrc'), 'no-progress-meter\n');
    this.bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: directory, NO_COLOR: '1', LC_ALL: 'C.UTF-8', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true, // a process group of its own, so that all of it can be ended
    });
    if (!this.bash.stdout) throw new Error('unreachable: it was asked for');
    this.replies = createInterface(this.bash.stdout);
  }

  /** Runs a block to its end; background processes keep running. */
  async run(commands: string): Promise<Outcome> {
    const file = join(this.directory, `block-${++this.blocks}`);
    writeFileSync(file, `${commands}\n`);
    this.bash.stdin?.write(`. ${file} < /dev/null > ${file}.out 2> ${file}.err; echo $?\n`);
    const waiting = new AbortController();
    const reply = await Promise.race([
      once(this.replies, 'line', { signal: waiting.signal }),
      once(this.bash, 'exit', { signal: waiting.signal }),
    ]).finally(() => {
      waiting.abort();
    });
    return {
      output: readFileSync(`${file}.out`, 'utf8'),
      errors: readFileSync(`${file}.err`, 'utf8'),
      exitCode: Number(reply[0]),
    };
  }

  /** Ends it together with everything it has started. */
  async close(): Promise<void> {
    if (this.bash.exitCode !== null || this.bash.pid === undefined) return;
    const ended = once(this.bash, 'exit');
    process.kill(-this.bash.pid, 'SIGKILL');
    await ended;
  }
}
