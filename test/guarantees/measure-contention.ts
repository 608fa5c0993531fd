import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import { exchange } from './http.js';
import { now } from './history.js';
import { Cluster } from './service/cluster.js';
import { type Instance } from './service/instance.js';

/** Measures how much appends of several processes to one session impede each other, and whether all progress. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    instances: { type: 'string', default: '1,3,6' },
    /** Writers per instance. */
    writers: { type: 'string', default: '4' },
    store: { type: 'string', default: 'standalone' },
  },
});

interface Measured {
  readonly instances: number;
  readonly appends: number;
  readonly unavailable: number;
  readonly collisions: number;
  readonly seconds: number;
  /** In milliseconds, ascending. */
  readonly latencies: readonly number[];
  /** The fewest and the most appends of any instance. */
  readonly spread: readonly [number, number];
}

const rows: Measured[] = [];
for (const instances of values.instances.split(',').map(Number)) {
  rows.push(await measure(instances, Number(values.writers), Number(values.seconds)));
}
console.log(`${values.writers} writers on each instance, all on one session, ${values.seconds} s each`);
console.log(
  'instances | appends/s | collisions per append | p50 ms | p99 ms | max ms | 503 | fewest–most per instance',
);
for (const { instances, appends, seconds, collisions, latencies, unavailable, spread } of rows) {
  const at = (share: number) => (latencies[Math.floor((latencies.length - 1) * share)] ?? 0).toFixed(1);
  console.log(
    [
      instances,
      Math.round(appends / seconds),
      (collisions / appends).toFixed(3),
      at(0.5),
      at(0.99),
      at(1),
      unavailable,
      spread.join('–'),
    ].join(' | '),
  );
}

async function measure(instances: number, writers: number, seconds: number): Promise<Measured> {
  const cluster = await Cluster.start({ instances, store: values.store });
  const agent = new Agent({ keepAlive: true });
  const sessionId = `contended-${Date.now()}`;
  const post = (instance: Instance, path: string, body: unknown) =>
    exchange({ method: 'POST', url: `${instance.url}${path}`, body, timeoutMs: 10_000, agent });
  try {
    const [first] = cluster.instances;
    if (!first) throw new Error('no instance');
    await post(first, '/sessions', { sessionId, language: 'en' });
    const appends = new Map<Instance, number>();
    const latencies: number[] = [];
    let unavailable = 0;
    const before = await collisionsOf(cluster);
    const start = now();
    const write = async (instance: Instance, writer: string) => {
      for (let number = 0; now() - start < seconds * 1000; number++) {
        const sentAt = now();
        const event = { eventId: `${writer}-${number}`, type: 'system', payload: { number } };
        const { status } = await post(instance, `/sessions/${sessionId}/events`, event);
        if (status === 201) {
          appends.set(instance, (appends.get(instance) ?? 0) + 1);
          latencies.push(now() - sentAt);
        } else unavailable++;
      }
    };
    await Promise.all(
      cluster.instances.flatMap((instance) =>
        Array.from({ length: writers }, (_, index) => write(instance, `${instance.name}-${index}`)),
      ),
    );
    const took = (now() - start) / 1000;
    const counts = cluster.instances.map((instance) => appends.get(instance) ?? 0);
    return {
      instances,
      appends: latencies.length,
      unavailable,
      collisions: (await collisionsOf(cluster)) - before,
      seconds: took,
      latencies: latencies.sort((a, b) => a - b),
      spread: [Math.min(...counts), Math.max(...counts)],
    };
  } finally {
    agent.destroy();
    await cluster.stop();
  }
}

/** How often an append found its place taken, by the metrics of the instances. */
async function collisionsOf({ instances }: Cluster): Promise<number> {
  let sum = 0;
  for (const { url } of instances) {
    const { text } = await exchange({ method: 'GET', url: `${url}/metrics`, timeoutMs: 5000 });
    sum += Number(/^conversation_sequence_retries_total (\d+)$/m.exec(text)?.[1] ?? NaN);
  }
  return sum;
}
