import { arch, cpus, platform, release, totalmem } from 'node:os';
import process from 'node:process';
import { median } from './load.mjs';

/** The machine that the numbers come from. */
export function describeMachine() {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()} ${arch()}, Node ${process.version}`;
}

/** The report as it stands in docs/benchmarks.md. */
export function markdown({ machine, rounds, seconds, results, depth }) {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- --write`. The service beside the bare limit: a `node:http` server of some 90 lines with',
    'the bare driver on the same store, with the same durable effect and without validation, framework, log or lanes',
    '(`bench/bare-limit.mjs`). Load generator, service and store share the machine; so read the ratios, not the rates.',
    '',
    `- Machine: ${machine}`,
    `- Store: ${process.env.MONGODB_URI ? 'MongoDB by MONGODB_URI' : 'the embedded store, in each process'}`,
    `- ${rounds} rounds of ${seconds} s each, in turn; medians; the ratio is the median of the rounds' own ratios`,
    '',
    ...(results.length > 0 ? throughputTable(results) : []),
    ...(depth.length > 0 ? depthSection(depth) : []),
  ].join('\n');
}

function throughputTable(results) {
  const rows = results.map(({ name, connections, samples }) => {
    const of = (target, field) => samples[target] && median(samples[target].map((sample) => sample[field]));
    const ratio = (field) =>
      samples.bare
        ? median(samples.service.map((sample, round) => sample[field] / samples.bare[round][field])).toFixed(
            2,
          )
        : '–';
    const number = (value, digits = 0) => (value === undefined ? '–' : value.toFixed(digits));
    return `| ${[
      name,
      connections,
      number(of('service', 'perSecond')),
      number(of('bare', 'perSecond')),
      `**${ratio('perSecond')}**`,
      `${number(of('service', 'p50'), 1)} / ${number(of('service', 'p99'), 1)}`,
      `${number(of('bare', 'p50'), 1)} / ${number(of('bare', 'p99'), 1)}`,
      `${number(of('service', 'cpuMicros'))} / ${number(of('bare', 'cpuMicros'))}`,
      `${number(of('service', 'peakMemory'))} / ${number(of('bare', 'peakMemory'))}`,
    ].join(' | ')} |`;
  });
  return [
    '## Throughput',
    '',
    '| scenario | connections | service, /s | bare, /s | ratio | service p50 / p99, ms | bare p50 / p99, ms | CPU per request, µs, service / bare | peak memory, MiB, service / bare |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...rows,
    '',
  ];
}

function depthSection(depth) {
  const names = Object.keys(depth[0].times);
  return [
    '## Pages, by depth and size',
    '',
    'Milliseconds for one request of 20 events with nothing else under way.',
    '',
    `| | ${depth.map(({ size }) => `${size.toLocaleString('en')} events`).join(' | ')} |`,
    `| --- | ${depth.map(() => '--:').join(' | ')} |`,
    ...names.map((name) => `| ${name} | ${depth.map(({ times }) => times[name].toFixed(2)).join(' | ')} |`),
    '',
  ];
}
