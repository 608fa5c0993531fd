import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TcpProxy } from '../faults/tcp-proxy.js';
import { buildService } from './build.js';
import { Instance } from './instance.js';
import { type ManagedProcess } from './managed-process.js';
import { freePort } from '../../support/ports.js';
import { StoreServer } from './store-server.js';

export interface ClusterOptions {
  readonly instances: number;
  /**
   * - `embedded`: the single instance has its own.
   * - `standalone`: the embedded store in a process of its own, shared by all.
   * - a `mongodb://` URI: that server, to which no faults are applied.
   */
  readonly store: string;
  /** Additional environment of all instances. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Instances of the service on one store, each connected through a proxy that can apply faults. */
export class Cluster {
  private constructor(
    readonly directory: string,
    readonly instances: readonly Instance[],
    /** The proxies by the names of their instances; none unless the store has a single address. */
    readonly wires: ReadonlyMap<string, TcpProxy>,
    /** Set if faults can be applied to it. */
    readonly store: StoreServer | undefined,
    /** The store's own address, without a proxy; undefined if only its instance can reach it. */
    readonly uri: string | undefined,
  ) {}

  static async start(options: ClusterOptions): Promise<Cluster> {
    const { instances: count, store: kind, env = {} } = options;
    if (kind === 'embedded' && count !== 1) throw new Error('an embedded store has one instance');
    const dist = await buildService();
    const directory = await mkdtemp(join(tmpdir(), 'guarantees-'));
    const store = kind === 'standalone' ? new StoreServer(dist, directory, await freePort()) : undefined;
    const uri = store ? `mongodb://127.0.0.1:${store.port}` : kind === 'embedded' ? undefined : kind;
    const address = uri === undefined ? undefined : addressOf(uri);

    const wires = new Map<string, TcpProxy>();
    const instances: Instance[] = [];
    for (let number = 1; number <= count; number++) {
      const name = `instance-${number}`;
      const wire = address && new TcpProxy(await freePort(), address);
      if (wire) wires.set(name, wire);
      const mongodbUri = uri && wire ? throughWire(uri, wire.port) : uri;
      const home = join(directory, name);
      await mkdir(home);
      instances.push(new Instance({ name, dist, port: await freePort(), directory: home, mongodbUri, env }));
    }

    const cluster = new Cluster(directory, instances, wires, store, uri);
    try {
      store?.start();
      await store?.untilReady();
      await Promise.all([...wires.values()].map((wire) => wire.listen()));
      // The first one alone, since it builds the indexes.
      for (const instance of instances) {
        instance.start();
        await instance.untilReady(60_000);
      }
    } catch (error) {
      await cluster.stop(true);
      throw error;
    }
    return cluster;
  }

  /** Processes that exited unexpectedly, or did not stop when told to. */
  get deaths(): readonly string[] {
    return this.processes.flatMap(({ deaths }) => deaths);
  }

  /** Ends all faults: everything runs and is connected, and every instance is ready. */
  async heal(): Promise<void> {
    for (const wire of this.wires.values()) wire.set('pass');
    for (const process of this.processes) {
      process.resume();
      if (!process.isRunning) process.start();
    }
    await this.store?.untilReady();
    await Promise.all(this.instances.map((instance) => instance.untilReady()));
  }

  /** The instances that are ready. */
  async ready(): Promise<Instance[]> {
    const answers = await Promise.all(this.instances.map((instance) => instance.isReady()));
    return this.instances.filter((_instance, index) => answers[index]);
  }

  /** Stops everything that was started. @param keep keeps the logs and the data for inspection. */
  async stop(keep = false): Promise<void> {
    for (const process of this.processes) process.resume();
    await Promise.all(this.instances.map((instance) => instance.terminate()));
    await Promise.all([...this.wires.values()].map((wire) => wire.close()));
    await this.store?.terminate();
    if (!keep) await rm(this.directory, { recursive: true, force: true });
  }

  private get processes(): readonly ManagedProcess[] {
    return [...this.instances, ...(this.store ? [this.store] : [])];
  }
}

/** The single address in a URI; undefined if there are several, or a DNS record. */
function addressOf(uri: string): { host: string; port: number } | undefined {
  const match = /^mongodb:\/\/(?:[^@/]*@)?([^/,:?]+)(?::(\d+))?(?:[/?]|$)/.exec(uri);
  return match?.[1] ? { host: match[1], port: Number(match[2] ?? 27017) } : undefined;
}

/** The same URI through a proxy. A driver must not look for other members of the set, which are not behind it. */
function throughWire(uri: string, port: number): string {
  const rewired = uri.replace(/^(mongodb:\/\/(?:[^@/]*@)?)[^/,?]+/, `$1127.0.0.1:${port}`);
  if (/[?&]directConnection=/.test(rewired)) return rewired;
  const path = /^mongodb:\/\/[^/]+\//.test(rewired) ? rewired : rewired.replace(/(\?|$)/, '/$1');
  return `${path}${path.includes('?') ? '&' : '?'}directConnection=true`;
}
