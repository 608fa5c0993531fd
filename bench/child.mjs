import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const CLOCK_TICKS_PER_SECOND = 100; // Linux' USER_HZ, which is 100 on every architecture Node runs on

/** A program in a process of its own, which prints the address it listens on. */
export class Child {
  /** Starts it, and waits until it listens. */
  static async start(file, { args = [], env = {} } = {}) {
    const child = spawn(process.execPath, [file, ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env }, // colours would be part of the address
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const address = await new Promise((resolve, reject) => {
      let seen = '';
      child.stdout.on('data', (chunk) => {
        if (seen === undefined) return; // the address is known; the rest of the log is ignored
        seen += chunk;
        const found = /Listening on (\S+?)["\s]/.exec(seen);
        if (found) {
          seen = undefined;
          resolve(found[1]);
        }
      });
      child.once('exit', (code) => reject(new Error(`${file} ended with ${code}: ${seen}`)));
    });
    return new Child(child, address);
  }

  constructor(child, address) {
    this.child = child;
    this.address = address;
  }

  /** Seconds of processor time used so far, by all of its threads. */
  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
  }

  /** The most memory it has held since `resetPeakMemory`, in MiB. */
  peakMemory() {
    return this.statusMiB('VmHWM');
  }

  /** Resets the kernel's peak, so that each scenario in the same process has its own. */
  resetPeakMemory() {
    writeFileSync(`/proc/${this.child.pid}/clear_refs`, '5');
  }

  /** A value of /proc/PID/status in kB, converted to MiB. */
  statusMiB(field) {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  }

  async stop() {
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
  }
}
