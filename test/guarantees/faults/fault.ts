import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster } from '../service/cluster.js';
import { type Random } from '../random.js';
import { type Weather } from './tcp-proxy.js';

/** All faults that can be applied to a cluster. */
export const FAULT_KINDS = [
  'kill',
  'terminate',
  'pause',
  'cut',
  'stall',
  'lose-answers',
  'store-kill',
  'store-restart',
  'store-pause',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The meaning of each kind, as worded in the report. */
export const FAULT_MEANINGS: Readonly<Record<FaultKind, string>> = {
  kill: 'SIGKILL of an instance, started again 0–2 s later',
  terminate: 'SIGTERM of an instance, started again 0–2 s later',
  pause: 'SIGSTOP of an instance for 0.5–3 s, then SIGCONT',
  cut: 'the connection of an instance to the store cut for 0.5–3 s',
  stall: 'the connection of an instance to the store stalled for 0.5–3 s: open, and silent',
  'lose-answers':
    'the connection of an instance to the store reset in the middle of every answer for 0.2–1 s: the writes are done, their acknowledgements lost',
  'store-kill': 'SIGKILL of the store, started again 0–1.5 s later',
  'store-restart': 'SIGTERM of the store, started again 0–1.5 s later',
  'store-pause': 'SIGSTOP of the store for 0.5–3 s, then SIGCONT',
};

/** A fault that can be applied to this cluster. */
export interface Fault {
  readonly kind: FaultKind;
  /** The process or connection that it affects. */
  readonly target: string;
  /** Applies the fault, and ends it. */
  readonly strike: (random: Random) => Promise<void>;
}

/** The faults that can be applied to a cluster: those of its instances and their connections, and those of its store. */
export function faultsOf(cluster: Cluster): { readonly instances: Fault[]; readonly store: Fault[] } {
  const instances = cluster.instances.flatMap((instance): Fault[] => {
    const target = instance.name;
    const restart = async (random: Random) => {
      await sleep(random.whole(0, 2000));
      instance.start();
      // Wait until it is ready, if it can be, so that not only its start is tested.
      await instance.untilReady(4000).catch(() => undefined);
    };
    return [
      { kind: 'kill', target, strike: async (random) => instance.kill().then(() => restart(random)) },
      {
        kind: 'terminate',
        target,
        strike: async (random) => instance.terminate().then(() => restart(random)),
      },
      { kind: 'pause', target, strike: async (random) => pauseFor(instance, random.whole(500, 3000)) },
    ];
  });
  const wires = [...cluster.wires].flatMap(([target, wire]): Fault[] => {
    const during = (weather: Weather, shortest: number, longest: number) => async (random: Random) => {
      wire.set(weather);
      await sleep(random.whole(shortest, longest));
      wire.set('pass');
    };
    return [
      { kind: 'cut', target, strike: during('cut', 500, 3000) },
      { kind: 'stall', target, strike: during('stall', 500, 3000) },
      { kind: 'lose-answers', target, strike: during('lose-answers', 200, 1000) },
    ];
  });
  const { store } = cluster;
  if (!store) return { instances: [...instances, ...wires], store: [] };
  const restart = async (random: Random) => {
    await sleep(random.whole(0, 1500));
    store.start();
    await store.untilReady();
  };
  return {
    instances: [...instances, ...wires],
    store: [
      {
        kind: 'store-kill',
        target: 'store',
        strike: async (random) => store.kill().then(() => restart(random)),
      },
      {
        kind: 'store-restart',
        target: 'store',
        strike: async (random) => store.terminate().then(() => restart(random)),
      },
      {
        kind: 'store-pause',
        target: 'store',
        strike: async (random) => pauseFor(store, random.whole(500, 3000)),
      },
    ],
  };
}

async function pauseFor(
  process: { pause: () => void; resume: () => void },
  milliseconds: number,
): Promise<void> {
  process.pause();
  await sleep(milliseconds);
  process.resume();
}
