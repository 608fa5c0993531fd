import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ServiceClient } from './client.js';
import { type TestStore } from './store.js';
import { until } from './until.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** How a process ended, and everything it wrote. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** The service as a process of its own, listening. */
export interface ServiceProcess {
  readonly pid: number;
  readonly client: ServiceClient;
  /** Waits until the process has written `text`. */
  wrote(text: string | RegExp): Promise<void>;
  /** Sends it a signal, and does not wait for what comes of it. */
  signal(name: NodeJS.Signals): void;
  /** How it ends, once it does. */
  readonly ended: Promise<Exit>;
  /** Ends it, by SIGTERM unless told otherwise. */
  stop(name?: NodeJS.Signals): Promise<Exit>;
}

/** What a process is started with, besides what every one has. */
export type Environment = Readonly<Record<string, string>>;

/** The part of the environment that says where the data are. */
export function onStore({ mongodbUri, dataDir }: Pick<TestStore, 'mongodbUri' | 'dataDir'>): Environment {
  return mongodbUri === undefined ? { DATA_DIR: dataDir } : { MONGODB_URI: mongodbUri };
}

/** How a process is started, where that is not as any other. */
interface Surroundings {
  /** By default a directory without a `.env`. */
  readonly cwd?: string;
  /** How many files and connections it may have open. */
  readonly openFiles?: number | undefined;
  /** The program; by default that of the build. */
  readonly program?: string;
}

/** Starts the built service on a free port, and waits until it listens and has its store, or can't reach it. */
export async function startProcess(
  environment: Environment,
  surroundings: Surroundings = {},
): Promise<ServiceProcess> {
  const { child, exit, output, wrote } = launch(environment, surroundings);
  await wrote(/Listening on http:[^"\s]+/);
  await wrote(/Connected to |The store is away/);
  const [, origin = ''] = /Listening on (http:[^"\s]+)/.exec(output()) ?? [];
  const client = new ServiceClient(origin);
  let toldToEnd = false;
  const signal = (name: NodeJS.Signals) => {
    toldToEnd = true;
    return child.kill(name);
  };
  void exit.then((end) => {
    if (!toldToEnd)
      process.stderr.write(`The service ended by itself (${end.signal ?? end.code}):\n${end.output}`);
  });
  return {
    pid: child.pid ?? 0,
    client,
    wrote,
    signal,
    ended: exit,
    stop: (name = 'SIGTERM') => {
      client.close();
      signal(name);
      return exit;
    },
  };
}

/** Waits until the store of a service is connected, which takes a moment longer than to listen. */
export function untilReady({ client }: Pick<ServiceProcess, 'client'>): Promise<void> {
  return until(async () => (await client.send({ path: '/health/ready' })).status === 200, 60_000);
}

/** Starts the built service where it can't start, and waits for its end. */
export function runToExit(environment: Environment, surroundings: Surroundings = {}): Promise<Exit> {
  return launch(environment, surroundings).exit;
}

function launch(environment: Environment, { cwd = tmpdir(), openFiles, program = MAIN }: Surroundings) {
  if (!existsSync(program)) throw new Error(`${program} is not there: run "npm run build" first`);
  const limited = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`];
  const [command, ...parameters] = [...limited, process.execPath, program];
  const child = spawn(command, parameters, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      PORT: '0',
      STORE_TIMEOUT_MS: '20000', // a test on a busy machine is about what is answered, not how soon
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  const take = (text: string) => {
    written += text;
    if (process.env['TEST_LOG']) process.stderr.write(text);
    child.emit('wrote');
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const output = () => written;
  const exit = once(child, 'close').then(([code, signal]) => {
    child.emit('wrote');
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, output: written };
  });
  return { child, exit, output, wrote: (text: string | RegExp) => untilWritten(child, output, text) };
}

async function untilWritten(child: ChildProcess, output: () => string, text: string | RegExp): Promise<void> {
  const found = () => (typeof text === 'string' ? output().includes(text) : text.test(output()));
  while (!found()) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The process ended without writing ${String(text)}:\n${output()}`);
    }
    await once(child, 'wrote');
  }
}
