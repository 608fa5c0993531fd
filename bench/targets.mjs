// What is measured: this build of the service, the bare server and another build, each with a store.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { cpuSeconds, memoryMiB, Program } from './processes.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BARE_SERVER = fileURLToPath(new URL('bare-server.mjs', import.meta.url));
const { TEST_MONGODB_URI } = process.env;

/**
 * The root of another build: of a directory that has one (itself or its `dist`), or of a git ref, which is built once and
 * kept in node_modules/.cache.
 */
export function rootOf(before) {
  for (const root of [resolve(before), resolve(before, '..')]) {
    if (existsSync(join(root, 'dist/main.js'))) return root;
  }
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, maxBuffer: 2 ** 30 });
  const commit = git('rev-parse', '--verify', '--end-of-options', `${before}^{commit}`).toString().trim();
  const root = join(ROOT, 'node_modules/.cache/bench', commit);
  if (existsSync(join(root, 'dist/main.js'))) return root;
  console.error(`building ${before} in ${root}`);
  mkdirSync(root, { recursive: true });
  execFileSync('tar', ['-x'], { cwd: root, input: git('archive', commit) });
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root });
  execFileSync('npm', ['run', 'build'], { cwd: root });
  return root;
}

/** A program that serves the API, and its store. */
export class Target {
  #program;
  #stop;

  /**
   * Starts a store of its own for the program, or takes a database of its own in the one of TEST_MONGODB_URI.
   *
   * @param name `service`, `bare` or `before`.
   * @param root where the build is whose service and embedded store are measured.
   * @param storePids the processes of the store of TEST_MONGODB_URI, if they are known.
   */
  static async open(name, root = ROOT, storePids = []) {
    const target = new Target();
    target.name = name;
    target.root = root;
    if (TEST_MONGODB_URI) {
      target.uri = databaseUri(TEST_MONGODB_URI, `bench_${name}_${process.pid}`);
      target.storePids = storePids;
      target.#stop = () => dropDatabase(target.uri);
    } else {
      const path = mkdtempSync(join(tmpdir(), 'bench-store-'));
      const args = ['run', '--silent', 'store', '--', '--port', '0', '--path', path];
      const store = await Program.start('npm', args, { cwd: root, listens: /listens on (mongodb:\S+)/ });
      target.uri = databaseUri(store.address, 'bench');
      target.storePids = [store.pid];
      target.#stop = () => store.stop();
      process.once('exit', () => rmSync(path, { recursive: true, force: true }));
    }
    await target.start();
    return target;
  }

  /** Starts the program, and waits until it listens. */
  async start() {
    const program = this.name === 'bare' ? BARE_SERVER : join(this.root, 'dist/main.js');
    const env = {
      MONGODB_URI: this.uri,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'info',
      STORE_TIMEOUT_MS: '20000',
    };
    this.#program = await Program.start(process.execPath, ['--enable-source-maps', program], {
      cwd: this.root,
      env,
    });
    this.url = this.#program.address;
  }

  /** Ends the program; its store goes on. */
  stopProgram() {
    return this.#program.stop();
  }

  /** Ends the program and removes its data. */
  async close() {
    await this.#program.stop();
    await this.#stop();
  }

  /** Sends a request in autocannon's form, to prepare a row. @returns the response's JSON. */
  async send({ method, path, headers, body }) {
    const response = await fetch(this.url + path, { method, headers, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${this.name}: ${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** Seconds of processor time so far: of the program, and of its store (NaN if its processes are unknown). */
  cpu() {
    return {
      program: cpuSeconds([this.#program.pid]),
      store: this.storePids.length > 0 ? cpuSeconds(this.storePids) : NaN,
    };
  }

  memory() {
    return memoryMiB(this.#program.pid);
  }
}

/** The store, for the report. */
export async function storeName() {
  if (!TEST_MONGODB_URI) return 'the embedded store, in a process of its own';
  const { version } = await withDatabase(TEST_MONGODB_URI, (database) => database.command({ buildInfo: 1 }));
  return `the store of TEST_MONGODB_URI, which says that it is MongoDB ${version}`;
}

const databaseUri = (uri, name) => uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`);

const dropDatabase = (uri) => withDatabase(uri, (database) => database.dropDatabase());

async function withDatabase(uri, work) {
  const client = await new mongoose.mongo.MongoClient(uri).connect();
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}
