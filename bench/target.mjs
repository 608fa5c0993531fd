import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { EmbeddedMongo } from '../dist/embedded-mongo/index.js';
import { Child } from './child.mjs';
import { RemoteTarget } from './remote-target.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** This build of the service. */
export const PROGRAM = here('../dist/main.js');

/** Starts a target by name: `service` and `bare` of this build, or those given by the options `before` and `against`. */
export function startTarget(name, { store, before, against }) {
  if (name === 'against') return new RemoteTarget(against);
  if (name === 'before') return Target.start(name, resolve(before, 'main.js'), { store });
  return Target.start(name, name === 'bare' ? here('./bare-limit.mjs') : PROGRAM, { store });
}

/** A measured program, in a process of its own. */
export class Target {
  /**
   * Starts a program and waits until it listens: on its own database of `store` or, without one, on an embedded store
   * inside the process, in `dataDir`. A given store outlives the target.
   */
  static async start(name, program, { store, dataDir: given } = {}) {
    const uri = store?.database(`bench_${name}_${process.pid}`);
    const dataDir = given ?? mkdtempSync(join(tmpdir(), `bench-${name}-`));
    const child = await Child.start(program, {
      env: { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'info', MONGODB_URI: uri ?? '' },
    });
    return new Target({ name, child, url: child.address, dataDir, uri, keepsData: given !== undefined });
  }

  constructor(fields) {
    Object.assign(this, fields);
  }

  /** Sends JSON and returns the response's JSON, for setting up a scenario. */
  async send(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Sends a request in autocannon's form, for setting up a scenario. */
  async request({ method, path, headers, body }) {
    const response = await fetch(this.url + path, { method, headers, body });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  }

  /** The collections of the target's store, through the driver: it loads a million events in seconds. */
  async withStore(work) {
    const uri = this.uri ?? EmbeddedMongo.uriIn(this.dataDir).replace('/?', '/conversations?');
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

  cpuSeconds() {
    return this.child.cpuSeconds();
  }

  peakMemory() {
    return this.child.peakMemory();
  }

  resetPeakMemory() {
    this.child.resetPeakMemory();
  }

  statusMiB(field) {
    return this.child.statusMiB(field);
  }

  async stop() {
    await this.child.stop();
    if (!this.keepsData) rmSync(this.dataDir, { recursive: true, force: true });
  }
}
