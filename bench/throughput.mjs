// The service beside the bare limit, in one sitting and in turn, so that a drift of the machine meets both.
import { SHORT_WARM_UP, WARM_UP, load, warmUp } from './load.mjs';
import { scenarios } from './scenarios.mjs';
import { median, ratioByRound } from './statistics.mjs';
import { Target } from './target.mjs';

/** Runs scenarios by their names against the same two processes, so that only the first has to warm them up. */
export async function throughput(names, { rounds, seconds, warmUpSeconds = WARM_UP.seconds }) {
  const targets = [];
  try {
    for (const name of ['service', 'bare']) targets.push(await Target.start(name));
    await run(targets, scenarios.mix, { rounds: 0, warm: { ...WARM_UP, seconds: warmUpSeconds } });
    const results = {};
    for (const name of names) {
      const { title, connections = 32, targets: wanted } = scenarios[name];
      const compared = targets.filter((target) => wanted?.includes(target.name) ?? true);
      const warm = { ...SHORT_WARM_UP, seconds: Math.min(SHORT_WARM_UP.seconds, warmUpSeconds) };
      const samples = await run(compared, scenarios[name], { rounds, seconds, warm });
      results[name] = { title, connections, rounds, seconds, samples };
      console.log(progressLine(title, samples));
    }
    return results;
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
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

function progressLine(title, { service, bare }) {
  const of = (samples, field, digits = 0) => median(samples.map((sample) => sample[field])).toFixed(digits);
  const say = (name, samples) =>
    `${name} ${of(samples, 'perSecond')}/s, p50 ${of(samples, 'p50', 1)} ms, ${of(samples, 'cpuMicros')} µs CPU`;
  const rates = (samples) => samples.map(({ perSecond }) => perSecond);
  return [
    `${title.padEnd(46)} ` + say('service', service),
    ...(bare ? [say('bare', bare), `ratio ${ratioByRound(rates(service), rates(bare)).toFixed(2)}`] : []),
  ].join(' | ');
}
