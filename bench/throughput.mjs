// The service beside the bare limit and others, in one sitting and in turn, so that a drift of the machine meets both.
import { SHORT_WARM_UP, WARM_UP, load, warmUp } from './load.mjs';
import { scenarios } from './scenarios.mjs';
import { median, ratioByRound } from './statistics.mjs';
import { BenchStore } from './bench-store.mjs';
import { startTarget } from './target.mjs';

/** Runs scenarios by their names against the same processes, so that only the first has to warm them up. */
export async function throughput(
  names,
  { targets: wanted, rounds, seconds, warmUpSeconds = WARM_UP.seconds, ...where },
) {
  const store = await BenchStore.start();
  const targets = [];
  try {
    for (const name of wanted) targets.push(await startTarget(name, { store, ...where }));
    await run(targets, scenarios.mix, { rounds: 0, warm: { ...WARM_UP, seconds: warmUpSeconds } });
    const results = {};
    for (const name of names) {
      const { title, connections = 32, targets: only } = scenarios[name];
      const compared = targets.filter((target) => only?.includes(target.name) ?? true);
      const warm = { ...SHORT_WARM_UP, seconds: Math.min(SHORT_WARM_UP.seconds, warmUpSeconds) };
      const samples = await run(compared, scenarios[name], { rounds, seconds, warm });
      results[name] = { title, connections, rounds, seconds, samples };
      console.log(progressLine(title, samples));
    }
    return results;
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
    await store.stop();
  }
}

async function run(targets, { prepare, connections = 32 }, { rounds, seconds, warm }) {
  const runs = [];
  for (const target of targets) {
    const { next, beforeRound } = await prepare(target);
    await beforeRound?.(target, warm.seconds);
    await warmUp(target, next, { connections, ...warm });
    target.resetPeakMemory();
    runs.push({ target, next, beforeRound, samples: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { target, next, beforeRound, samples } of runs) {
      await beforeRound?.(target, seconds);
      samples.push(await load(target, next, { connections, seconds }));
    }
  }
  return Object.fromEntries(runs.map(({ target, samples }) => [target.name, samples]));
}

function progressLine(title, samples) {
  const of = (name, field, digits = 0) =>
    median(samples[name].map((sample) => sample[field])).toFixed(digits);
  const say = (name) =>
    `${name} ${of(name, 'perSecond')}/s, p50 ${of(name, 'p50', 1)} ms, ${of(name, 'cpuMicros')} µs CPU`;
  const rates = (name) => samples[name].map(({ perSecond }) => perSecond);
  const [first, ...others] = Object.keys(samples);
  const ratios = others.map(
    (name) => `${first} : ${name} ${ratioByRound(rates(first), rates(name)).toFixed(2)}`,
  );
  return [title.padEnd(46), ...Object.keys(samples).map(say), ...ratios].join(' | ');
}
