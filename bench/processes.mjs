// The programs under measurement, each in a process of its own, and what these processes cost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

const CLOCK_TICKS_PER_SECOND = 100; // Linux' USER_HZ, the same on every architecture that Node runs on
const STOP_MS = 10_000;

/** A program that has said where it listens. */
export class Program {
  /**
   * Starts a program and waits until its output matches.
   *
   * @param listens a pattern whose first group is the address.
   * @throws Error with the program's output if it ends before.
   */
  static async start(command, args, { cwd, env = {}, listens = /Listening on (\S+?)["\s]/ }) {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true, // a process group, so that a signal also reaches what npm has started
    });
    let output = '';
    const address = await new Promise((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', function read(text) {
        output += text;
        const match = listens.exec(output);
        if (!match) return;
        child.stdout.off('data', read).resume();
        resolve(match[1]);
      });
      child.once('error', reject);
      child.once('exit', (code) =>
        reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${output}`)),
      );
    });
    return new Program(child, address);
  }

  constructor(child, address) {
    this.child = child;
    this.pid = child.pid;
    this.address = address;
    this.killNow = () => signal(child, 'SIGKILL');
    process.once('exit', this.killNow);
  }

  /** Asks it to stop, and kills it if it does not within some seconds. */
  async stop() {
    process.off('exit', this.killNow);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    signal(this.child, 'SIGTERM');
    const insist = setTimeout(this.killNow, STOP_MS);
    await ended;
    clearTimeout(insist);
  }
}

function signal({ pid }, name) {
  try {
    process.kill(-pid, name);
  } catch {
    // it has ended
  }
}

/** Seconds of processor time of some processes and their descendants so far; NaN where there is no /proc. */
export function cpuSeconds(pids) {
  if (!existsSync('/proc/self/stat')) return NaN;
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap(statOf); // oxfmt-ignore
  const secondsOf = (pid) => {
    const own = processes.find((each) => each.pid === pid)?.seconds ?? 0;
    const children = processes.filter((each) => each.parent === pid);
    return children.reduce((sum, child) => sum + secondsOf(child.pid), own);
  };
  return pids.reduce((sum, pid) => sum + secondsOf(pid), 0);
}

/** See proc_pid_stat(5): user and system time, also of children that have ended. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent, ...fields] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(9, 13).reduce((sum, value) => sum + value, 0);
    return [{ pid: Number(pid), parent, seconds: ticks / CLOCK_TICKS_PER_SECOND }];
  } catch {
    return []; // it has ended meanwhile
  }
}

/** The resident memory of a process in MiB; NaN where there is no /proc. */
export function memoryMiB(pid) {
  if (!existsSync('/proc/self/status')) return NaN;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
