import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { freePort } from '../../support/ports.js';
import { withDatabase } from '../../support/store.js';
import { Instance, StoreServer, type ManagedProcess } from './processes.js';

/** An instance that needs longer does not get ready at all: how long it takes on a busy machine is not what is tested. */
const READY_MS = 180_000;

export interface ClusterOptions {
  readonly instances: number;
  /**
   * - `embedded`: the single instance has its own.
   * - `standalone`: the embedded store in a process of its own, shared by all.
   * - a `mongodb://` URI: that server, which itself is not struck by faults.
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
    /** The store's own address, with a database, without a proxy; undefined if only its instance can reach it. */
    readonly uri: string | undefined,
  ) {}

  static async start({ instances: count, store: kind, env = {} }: ClusterOptions): Promise<Cluster> {
    if (kind === 'embedded' && count !== 1) throw new Error('an embedded store has one instance');
    const directory = await mkdtemp(join(tmpdir(), 'guarantees-'));
    const store = kind === 'standalone' ? new StoreServer(directory, await freePort()) : undefined;
    const server = store ? `mongodb://127.0.0.1:${store.port}` : kind;
    const uri = kind === 'embedded' ? undefined : withDatabase(server, `guarantees_${Date.now()}`);
    const address = uri && addressOf(uri);

    const wires = new Map<string, TcpProxy>();
    const instances: Instance[] = [];
    for (let number = 1; number <= count; number++) {
      const name = `instance-${number}`;
      const home = join(directory, name);
      await mkdir(home);
      const wire = address && new TcpProxy(await freePort(), address);
      if (wire) wires.set(name, wire);
      const data = uri
        ? { MONGODB_URI: wire ? throughWire(uri, wire.port) : uri }
        : { DATA_DIR: join(home, 'data') };
      instances.push(new Instance(name, await freePort(), home, { ...data, ...env }));
    }

    const cluster = new Cluster(directory, instances, wires, store, uri);
    try {
      store?.start();
      await store?.untilReady();
      await Promise.all([...wires.values()].map((wire) => wire.listen()));
      // The first one alone, since it builds the indexes.
      for (const instance of instances) {
        instance.start();
        await instance.untilReady(READY_MS);
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

  /** Ends all faults: everything runs, is connected and has the right time, and every instance is ready. */
  async heal(): Promise<void> {
    for (const wire of this.wires.values()) wire.set('pass');
    for (const process of this.processes) {
      process.resume();
      if (!process.isRunning) process.start();
    }
    for (const instance of this.instances) instance.setClock(0);
    await Promise.all(this.processes.map((process) => process.untilReady(READY_MS)));
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
    return [...(this.store ? [this.store] : []), ...this.instances];
  }
}

/** The single address in a URI; undefined if there are several, or a DNS record. */
function addressOf(uri: string): { host: string; port: number } | undefined {
  if (!/^mongodb:\/\/[^,]+$/.test(uri)) return undefined;
  const { hostname, port } = new URL(uri);
  return { host: hostname, port: Number(port || 27017) };
}

/** The same URI through a proxy. A driver must not look for other members of the set, which are not behind it. */
function throughWire(uri: string, port: number): string {
  const url = new URL(uri);
  url.host = `127.0.0.1:${port}`;
  url.searchParams.set('directConnection', 'true');
  return url.href;
}
