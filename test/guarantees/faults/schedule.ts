import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../history.js';
import { type Random } from '../random.js';
import { type Cluster } from '../service/cluster.js';
import { faultsOf, type Fault, type FaultKind } from './fault.js';

/** A fault that was applied, with times on the history's clock. */
export interface Struck {
  readonly kind: FaultKind;
  readonly target: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Applies faults at random, in two sequences: one for the instances and their connections, and a slower one for the
 * store.
 */
export class FaultSchedule {
  readonly struck: Struck[] = [];

  constructor(
    private readonly cluster: Cluster,
    private readonly kinds: ReadonlySet<FaultKind>,
    private readonly random: Random,
  ) {}

  async run(isOver: () => boolean): Promise<void> {
    const { instances, store } = faultsOf(this.cluster);
    await Promise.all([
      this.row(instances, this.random.fork(), [500, 2500], isOver),
      this.row(store, this.random.fork(), [4000, 9000], isOver),
    ]);
  }

  private async row(
    offered: readonly Fault[],
    random: Random,
    [shortest, longest]: readonly [number, number],
    isOver: () => boolean,
  ): Promise<void> {
    const faults = offered.filter(({ kind }) => this.kinds.has(kind));
    // Each kind in turn, in an order that depends on the seed, so that even a short run includes all.
    let coming: FaultKind[] = [];
    while (faults.length > 0) {
      await pauseUnless(isOver, random.whole(shortest, longest));
      if (isOver()) return;
      if (coming.length === 0) coming = shuffled([...new Set(faults.map(({ kind }) => kind))], random);
      const kind = coming.pop();
      const fault = random.pick(faults.filter((other) => other.kind === kind));
      const from = now();

      await fault.strike(random);
      this.struck.push({ kind: fault.kind, target: fault.target, from, to: now() });
    }
  }
}

async function pauseUnless(isOver: () => boolean, milliseconds: number): Promise<void> {
  const until = now() + milliseconds;
  while (!isOver() && now() < until) await sleep(50);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
