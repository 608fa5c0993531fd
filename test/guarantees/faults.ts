import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster } from './cluster/cluster.js';
import { type ManagedProcess } from './cluster/processes.js';
import { now } from './history.js';
import { pick, shuffled, whole } from './random.js';
import { type Weather } from '../support/tcp-proxy.js';

const HOUR_MS = 3_600_000;

/** A fault that was applied, with times on the history's clock. */
export interface Struck {
  readonly kind: string;
  readonly target: string;
  readonly from: number;
  readonly to: number;
}

/** A fault that can be applied to a cluster: to one of its processes, or the connection that belongs to it. */
interface Fault {
  readonly kind: string;
  readonly target: string;
  /** Applies the fault, and ends it. */
  readonly strike: () => Promise<void>;
}

/**
 * Applies faults at random until a time on the history's clock: short ones to the instances, fewer to the store, and
 * beside them long ones. A process has one fault at a time.
 *
 * @param longMs how long an instance is partitioned or suspended.
 */
export async function applyFaults(cluster: Cluster, longMs: number, until: number): Promise<Struck[]> {
  const struck: Struck[] = [];
  const busy = new Set<string>();
  const row = async (faults: readonly Fault[], [shortest, longest]: readonly [number, number], lasts = 0) => {
    // Each kind in turn, in any order, so that even a short run includes all.
    let coming: string[] = [];
    while (faults.length > 0) {
      await sleep(Math.max(0, Math.min(whole(shortest, longest), until - now())));
      if (now() + lasts >= until) return;
      if (coming.length === 0) coming = shuffled([...new Set(faults.map(({ kind }) => kind))]);
      const kind = coming.pop() ?? '';
      const possible = faults.filter((fault) => fault.kind === kind && !busy.has(fault.target));
      if (possible.length === 0) continue;
      const { target, strike } = pick(possible);
      busy.add(target);
      const from = now();
      await strike();
      busy.delete(target);
      struck.push({ kind, target, from, to: now() });
    }
  };
  await Promise.all([
    row(instanceFaults(cluster), [500, 2500]),
    row(storeFaults(cluster), [4000, 9000]),
    row(longFaults(cluster, longMs), [1000, 3000], longMs + 2000),
  ]);
  return struck;
}

function instanceFaults({ instances, wires }: Cluster): Fault[] {
  return instances.flatMap((instance): Fault[] => {
    const target = instance.name;
    const wire = wires.get(target);
    const during = (weather: Weather, shortest: number, longest: number) => async () => {
      wire?.set(weather);
      await sleep(whole(shortest, longest));
      wire?.set('pass');
    };
    const ofWire: Fault[] = [
      { kind: 'cut', target, strike: during('cut', 500, 3000) },
      { kind: 'stall', target, strike: during('stall', 500, 3000) },
      { kind: 'lose-answers', target, strike: during('lose-answers', 200, 1000) },
    ];
    return [
      { kind: 'kill', target, strike: () => restart(instance, instance.kill()) },
      { kind: 'terminate', target, strike: () => restart(instance, instance.terminate()) },
      { kind: 'pause', target, strike: () => pauseFor(instance, whole(500, 3000)) },
      {
        kind: 'clock',
        target,
        strike: async () => {
          instance.setClock(whole(-6 * HOUR_MS, 6 * HOUR_MS));
          await sleep(whole(200, 2000));
        },
      },
      ...(wire ? ofWire : []),
    ];
  });
}

function storeFaults({ store }: Cluster): Fault[] {
  if (!store) return [];
  const target = store.name;
  return [
    { kind: 'store-kill', target, strike: () => restart(store, store.kill()) },
    { kind: 'store-restart', target, strike: () => restart(store, store.terminate()) },
    { kind: 'store-pause', target, strike: () => pauseFor(store, whole(500, 3000)) },
  ];
}

function longFaults({ instances, wires }: Cluster, longMs: number): Fault[] {
  const suspensions = instances.map((instance): Fault => ({
    kind: 'suspend',
    target: instance.name,
    strike: () => pauseFor(instance, longMs),
  }));
  const partitions = [...wires].map(([target, wire]): Fault => ({
    kind: 'partition',
    target,
    strike: async () => {
      wire.set(pick(['cut', 'hold']));
      await sleep(longMs);
      wire.set('pass');
    },
  }));
  return [...suspensions, ...partitions];
}

async function restart(process: ManagedProcess, end: Promise<void>): Promise<void> {
  await end;
  await sleep(whole(0, 2000));
  process.start();
  // Wait until it is ready, if it can be, so that not only its start is tested.
  await process.untilReady(4000).catch(() => undefined);
}

async function pauseFor(process: ManagedProcess, milliseconds: number): Promise<void> {
  process.pause();
  await sleep(milliseconds);
  process.resume();
}
