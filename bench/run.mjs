// npm run bench [-- --only NAME[,NAME]] [--rounds N] [--seconds N] [--sizes 10000,100000] [--write]
//
// The service beside the bare limit, in one sitting and in turn, so that a drift of the machine meets both; what
// counts is the ratio in each round, and of these the median. --write puts the result into docs/benchmarks.md.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { depthTable } from './depth.mjs';
import { load, median } from './load.mjs';
import { describeMachine, markdown } from './report.mjs';
import { scenarios } from './scenarios.mjs';
import { Target } from './target.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    sizes: { type: 'string', default: '100,10000,100000,1000000' },
    write: { type: 'boolean', default: false },
  },
});
const wanted = options.only?.split(',');
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);

const results = [];
for (const [name, scenario] of Object.entries(scenarios)) {
  if (wanted && !wanted.includes(name)) continue;
  results.push(await compare(name, scenario));
  printRow(results.at(-1));
}
const depth =
  !wanted || wanted.includes('depth') ? await depthTable(options.sizes.split(',').map(Number), rounds) : [];
const report = { machine: describeMachine(), rounds, seconds, results, depth };
if (options.write) writeFileSync(new URL('../docs/benchmarks.md', import.meta.url), markdown(report));
else console.log(`\n${markdown(report)}`);

/** Runs a scenario against fresh targets, round by round in turn. */
async function compare(name, { prepare, connections = 32, targets = ['service', 'bare'] }) {
  const running = await Promise.all(targets.map((target) => Target.start(target)));
  try {
    const samples = Object.fromEntries(targets.map((target) => [target, []]));
    const nexts = [];
    for (const target of running) nexts.push(await prepare(target));
    for (let round = -1; round < rounds; round++) {
      for (const [index, target] of running.entries()) {
        const sample = await load(target, nexts[index], { connections, seconds: round < 0 ? 1 : seconds });
        if (round >= 0) samples[target.name].push(sample); // the round before the first warms up
      }
    }
    return { name, connections, samples };
  } finally {
    await Promise.all(running.map((target) => target.stop()));
  }
}

function printRow({ name, samples }) {
  const parts = Object.entries(samples).map(([target, list]) => {
    const rate = Math.round(median(list.map(({ perSecond }) => perSecond)));
    const p50 = median(list.map((sample) => sample.p50));
    return `${target} ${rate}/s, p50 ${p50.toFixed(1)} ms, ${Math.round(median(list.map((s) => s.cpuMicros)))} µs CPU`;
  });
  const ratio =
    samples.bare &&
    median(samples.service.map((sample, round) => sample.perSecond / samples.bare[round].perSecond));
  console.log(`${name.padEnd(26)} ${parts.join(' | ')}${ratio ? ` | ratio ${ratio.toFixed(2)}` : ''}`);
}
