import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The exit of a command, and its output. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type CommandName =
  | 'store'
  | 'store-export'
  | 'store-backup'
  | 'import'
  | 'export'
  | 'purge'
  | 'end-idle';

/** A running program. */
export interface RunningCommand {
  readonly pid: number;
  /** Waits until its output matches `pattern`. @returns the match. */
  wrote(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/** Starts a program of the last `npm run build`, in an unrelated directory. */
export function startCommand(name: CommandName, ...args: string[]): RunningCommand {
  const program = fileURLToPath(new URL(`../../dist/cli/${name}.js`, import.meta.url));
  if (!existsSync(program)) throw new Error(`${program} is not there: run "npm run build" first`);
  const child = spawn(process.execPath, [program, ...args], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
      child.emit('wrote');
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    child.emit('wrote');
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, ...written };
  });
  return {
    pid: child.pid ?? 0,
    signal: (signal) => child.kill(signal),
    ended,
    async wrote(pattern) {
      for (;;) {
        const match = pattern.exec(written.stdout + written.stderr);
        if (match) return match;
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`${name} ended without writing ${String(pattern)}: ${JSON.stringify(written)}`);
        }
        await once(child, 'wrote');
      }
    },
  };
}

/** Runs a command to its end. */
export function runCommand(name: CommandName, ...args: string[]): Promise<Outcome> {
  return startCommand(name, ...args).ended;
}
