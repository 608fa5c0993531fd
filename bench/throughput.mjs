// Measures the service, the bare limit and other targets in the same run, alternating between them in each round, so
// that a drift of the machine affects all of them.
import { SHORT_WARM_UP, WARM_UP, load, warmUp } from './load.mjs';
import { scenarios } from './scenarios.mjs';
import { median, ratioByRound } from './statistics.mjs';
import { BenchStore } from './bench-store.mjs';
import { startTarget } from './target.mjs';

/** Runs scenarios by name on the same processes, so that only the first has to warm them up. */
export async function throughput(
  names,
  { targets: wanted, rounds, seconds, warmUpSeconds = WARM_UP.seconds, ...where },
) {
  const store = await BenchStore.start();
  const targets = [];
  try {
    for (const name of wanted) targets.push(await startTarget(name, { store, ...where }));
    for (const target of targets) {
      const { next, beforeRound } = await scenarios.mix.prepare(target);
      await beforeRound(target, warmUpSeconds);
      await warmUp(target, next, { connections: 32, ...WARM_UP, seconds: warmUpSeconds });
    }
    const runs = [];
    for (const name of names) runs.push(...(await prepared(targets, name, warmUpSeconds)));
    for (let round = 0; round < rounds; round++) {
      // Forwards and backwards, so that no target always follows the same one, whose garbage it would collect.
      const order = round % 2 === 0 ? runs : runs.toReversed();
      for (const { target, next, beforeRound, afterRound, connections, samples } of order) {
        await beforeRound?.(target, seconds);
        target.resetPeakMemory();
        samples.push(await load(target, next, { connections, seconds }));
        await afterRound?.();
      }
    }
    return resultsOf(runs, { rounds, seconds });
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
    await store.stop();
  }
}

/** A scenario on each of its targets, ready to be measured. */
async function prepared(targets, name, warmUpSeconds) {
  const { prepare, connections = 32, targets: only } = scenarios[name];
  const warm = { ...SHORT_WARM_UP, seconds: Math.min(SHORT_WARM_UP.seconds, warmUpSeconds) };
  const runs = [];
  for (const target of targets.filter((each) => only?.includes(each.name) ?? true)) {
    const { next, beforeRound, afterRound } = await prepare(target);
    await beforeRound?.(target, warm.seconds);
    await warmUp(target, next, { connections, ...warm });
    await afterRound?.();
    runs.push({ name, target, next, beforeRound, afterRound, connections, samples: [] });
  }
  return runs;
}

function resultsOf(runs, { rounds, seconds }) {
  const results = {};
  for (const { name, target, connections, samples } of runs) {
    results[name] ??= { title: scenarios[name].title, connections, rounds, seconds, samples: {} };
    results[name].samples[target.name] = samples;
  }
  for (const { title, samples } of Object.values(results)) console.log(progressLine(title, samples));
  return results;
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
