import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';

const PROGRAMS = { service: '../dist/main.js', bare: './bare-limit.mjs' };
const CLOCK_TICKS_PER_SECOND = 100; // Linux' USER_HZ, which is 100 on every architecture Node runs on

/** One of the two programs under load: a process of its own, on a store of its own. */
export class Target {
  /**
   * Starts a program and waits until it listens. `MONGODB_URI`, if set, is the server; each target gets its own
   * database. A `dataDir` that is given outlives the target.
   */
  static async start(name, { dataDir: given } = {}) {
    const dataDir = given ?? mkdtempSync(join(tmpdir(), `bench-${name}-`));
    const uri =
      process.env.MONGODB_URI && databaseUri(process.env.MONGODB_URI, `bench_${name}_${process.pid}`);
    const child = spawn(process.execPath, [fileURLToPath(new URL(PROGRAMS[name], import.meta.url))], {
      env: {
        ...process.env,
        DATA_DIR: dataDir,
        PORT: '0',
        LOG_LEVEL: 'info',
        ...(uri && { MONGODB_URI: uri }),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise((resolve, reject) => {
      let seen = '';
      child.stdout.on('data', (chunk) => {
        if (seen === undefined) return; // the log goes on; only its address was wanted
        seen += chunk;
        const address = /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(seen);
        if (address) {
          seen = undefined;
          resolve(address[1]);
        }
      });
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${seen}`)));
    });
    return new Target({ name, child, url, dataDir, uri, keepsData: given !== undefined });
  }

  constructor(fields) {
    Object.assign(this, fields);
  }

  /** Sends JSON and gives the answer's, for setting a scenario up. */
  async send(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Sends a request in autocannon's form, for setting a scenario up. */
  async request({ method, path, headers, body }) {
    const response = await fetch(this.url + path, { method, headers, body });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  }

  /** The collections of the target's store, by the driver: the way to load a million events in seconds. */
  async withStore(work) {
    const socket = readdirSync(this.dataDir).find((file) => file.endsWith('.sock'));
    const uri = this.uri ?? `mongodb://${encodeURIComponent(join(this.dataDir, socket))}/conversations`;
    const client = await new mongoose.mongo.MongoClient(uri).connect();
    try {
      return await work({
        sessions: client.db().collection('sessions'),
        events: client.db().collection('events'),
      });
    } finally {
      await client.close();
    }
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

  /** Lets the kernel forget the peak, so that each scenario tells its own though the process is the same. */
  resetPeakMemory() {
    writeFileSync(`/proc/${this.child.pid}/clear_refs`, '5');
  }

  /** A figure of /proc/PID/status that is in kB, in MiB. */
  statusMiB(field) {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  }

  async stop() {
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    await exited;
    if (!this.keepsData) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

function databaseUri(uri, database) {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.href;
}
