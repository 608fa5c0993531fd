// What the first requests of a process cost, compared with later ones.
import { fillSessions } from './fill.mjs';
import { inParallel } from './load.mjs';
import { read } from './requests.mjs';
import { BenchStore } from './bench-store.mjs';
import { startTarget } from './target.mjs';

const REQUESTS = 1000;
const CONNECTIONS = 8;
/** Thousands of requests after which a process counts as warm. */
const WARM = 8;

/** Microseconds of processor time per read, for each thousand reads after ready; by target, one list per start. */
export async function cold({ targets, starts, ...where }) {
  const store = await BenchStore.start();
  const samples = {};
  try {
    for (let start = 0; start < starts; start++) {
      for (const name of targets.filter((target) => target !== 'against')) {
        (samples[name] ??= []).push(await thousands(name, { store, ...where }));
        console.log(`cold ${name}, µs by thousand: ${samples[name].at(-1).map(Math.round).join(' ')}`);
      }
    }
    return { requests: REQUESTS, samples };
  } finally {
    await store.stop();
  }
}

async function thousands(name, where) {
  const target = await startTarget(name, where);
  try {
    const ids = await fillSessions(target, 20, { eventsEach: 100, status: 'active' });
    while (name !== 'bare' && !(await fetch(`${target.url}/health/ready`)).ok);
    const times = [];
    for (let thousand = 0; thousand <= WARM; thousand++) {
      const before = target.cpuSeconds();
      const requests = Array.from({ length: REQUESTS }, (_, index) => read(ids[index % ids.length]));
      await inParallel(requests, CONNECTIONS, (request) => target.request(request));
      times.push(((target.cpuSeconds() - before) / REQUESTS) * 1e6);
    }
    return times;
  } finally {
    await target.stop();
  }
}
