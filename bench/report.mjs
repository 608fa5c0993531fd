import { goals, partOfBareLimit, pick, ratiosToFirst, ratiosToSize } from './goals.mjs';
import { importSection } from './import-report.mjs';
import { scaleSection } from './scale-report.mjs';
import { median, ratioByRound } from './statistics.mjs';
import { figure, number, table } from './tables.mjs';

/** The report as it stands in docs/benchmarks.md. */
export function markdown(data) {
  const { throughput, depth, cold, startup, memory, import: imported, scale } = data;
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- --write` from `docs/benchmarks.json`. The service beside the bare limit: a `node:http`',
    'server with the bare driver on the same store, with the same durable effect and without validation, framework, log',
    'or lanes (`bench/bare-limit.mjs`). Load generator, service and store share the machine; so read the ratios, not the',
    'rates.',
    '',
    ...goalSection(goals(data)),
    ...(throughput ? throughputSection(throughput) : []),
    ...(throughput ? otherSections(throughput) : []),
    ...(depth ? depthSection(depth) : []),
    ...(cold ? coldSection(cold) : []),
    ...(startup ? startupSection(startup) : []),
    ...(memory ? memorySection(memory) : []),
    ...(imported ? importSection(imported) : []),
    ...(scale ? scaleSection(scale) : []),
  ].join('\n');
}

/** Where and when the parts of a section ran: one line where all of them ran together. */
function provenance(parts) {
  const runs = new Map(parts.map(({ run }) => [run.date, { ...run, titles: [] }]));
  for (const { title, run } of parts) runs.get(run.date).titles.push(title);
  return [...runs.values()].map(({ date, machine, store, titles }) => {
    const which = runs.size > 1 ? `${titles.join('; ')}: ` : '';
    return `- ${which}${date.slice(0, 16).replace('T', ' ')} UTC, on ${machine}; ${store}`;
  });
}

function goalSection(found) {
  const rows = found.map(({ goal, measured, wanted, met }) => [
    goal,
    figure(measured, 2),
    wanted,
    met ? 'met' : '**not met**',
  ]);
  return found.length > 0 ? ['## Targets', '', ...table(['target', 'measured', 'wanted', ''], rows), ''] : [];
}

function throughputSection(throughput) {
  const results = Object.values(throughput);
  const rounds = [...new Set(results.map((result) => `${result.rounds} of ${result.seconds} s`))].join(
    ' or ',
  );
  const header =
    'scenario | connections | service, /s | bare, /s | ratio | service p50 / p99, ms | bare p50 / p99, ms | CPU per request, µs, service / bare | peak memory, MiB, service / bare';
  return [
    '## Throughput',
    '',
    ...provenance(results),
    `- Rounds in turn, ${rounds} each; medians; the ratio is the median of the rounds' own ratios`,
    '',
    '![The service as a part of the bare limit, by scenario](images/benchmark-throughput.svg)',
    '',
    ...table(header.split(' | '), results.map(throughputRow)),
    '',
    'A ratio above 1: the bare limit sends what is replayed in vain before it looks it up, and each command by itself; the',
    'service looks first, and groups what comes in the same turn of the event loop.',
    '',
  ];
}

function throughputRow(result) {
  const { title, connections, samples } = result;
  const of = (target, field, digits) =>
    figure(samples[target] && median(samples[target].map((sample) => sample[field])), digits);
  const both = (field) => `${of('service', field)} / ${of('bare', field)}`;
  const latency = (target) => `${of(target, 'p50', 1)} / ${of(target, 'p99', 1)}`;
  const ratio = samples.bare ? `**${figure(partOfBareLimit(result), 2)}**` : '–';
  const rates = [of('service', 'perSecond'), of('bare', 'perSecond'), ratio];
  return [
    title,
    connections,
    ...rates,
    latency('service'),
    latency('bare'),
    both('cpuMicros'),
    both('peakMemory'),
  ];
}

const OTHERS = {
  before: [
    'Before and after',
    'The service beside an older build of it (`--before`), in turn on the same store',
  ],
  against: [
    'Against another service',
    'The service beside another one (`--against`), by the same requests in turn',
  ],
};

/** The service beside what the options named, where there are numbers of both. */
function otherSections(throughput) {
  return Object.entries(OTHERS).flatMap(([name, [title, what]]) => {
    const results = Object.values(throughput).filter(({ samples }) => samples[name]);
    if (results.length === 0) return [];
    const header = `scenario | service, /s | ${name}, /s | ratio | CPU per request, µs, service / ${name} | ratio`;
    const rows = results.map(({ title: scenario, samples }) => {
      const of = (target, field) => samples[target].map((sample) => sample[field]);
      const both = (field) => [of('service', field), of(name, field)];
      const [cpu, otherCpu] = both('cpuMicros').map(median);
      return [
        scenario,
        ...both('perSecond').map((values) => figure(median(values))),
        `**${figure(ratioByRound(...both('perSecond')), 2)}**`,
        `${figure(cpu)} / ${figure(otherCpu)}`,
        figure(cpu / otherCpu, 2),
      ];
    });
    return [
      `## ${title}`,
      '',
      ...provenance(results),
      `- ${what}`,
      '',
      ...table(header.split(' | '), rows),
      '',
    ];
  });
}

/** What the first requests of a process take. */
function coldSection({ requests, samples, run }) {
  const thousands = Object.entries(samples).map(([name, starts]) => {
    const [first, ...others] = starts[0].map((_, place) => median(starts.map((times) => times[place])));
    const warm = others.at(-1);
    return [
      name,
      starts.length,
      ...[first, others[0], others[2], warm].map((value) => figure(value)),
      figure(first / warm, 2),
    ];
  });
  const header = ['program', 'starts', 'first', 'second', 'fourth', 'warm', 'first : warm'];
  return [
    '## The first requests of a process',
    '',
    ...provenance([{ run }]),
    `- Processor time of a read, µs, in each ${number(requests)} reads after the process is ready, 8 at a time; medians of the starts`,
    '',
    ...table(header, thousands),
    '',
  ];
}

function depthSection({ rows, run }) {
  const smallest = Math.min(...rows.map(({ size }) => size));
  const header = ['events', 'sort', 'by', 'first, ms', 'middle, ms', 'last, ms', 'last : first'];
  const body = pick(rows, { place: 'first' }).map((first) => {
    const { size, sort, by } = first;
    const times = ['first', 'middle', 'last'].map((place) => pick(rows, { size, sort, by, place })[0]);
    const [{ ratio }] = ratiosToFirst(rows, [times[2]]);
    const [{ ratio: toSmallest }] = ratiosToSize(rows, [first], smallest);
    const figures = [...times.map(({ rounds }) => figure(median(rounds), 2)), figure(ratio, 2)];
    return [number(size), sort, by, ...figures, figure(toSmallest, 2)];
  });
  return [
    '## Pages, by depth and size',
    '',
    ...provenance([{ run }]),
    '- One request of 20 events with nothing else under way; medians of the rounds, each of 40 requests a page in turn',
    '',
    '![Latency of first, middle and last page by size of the session](images/benchmark-depth.svg)',
    '',
    ...table([...header, `first : first of ${number(smallest)}`], body),
    '',
  ];
}

function startupSection({ events, samples, run }) {
  const row = (name, times) => [name, times.length, figure(median(times)), figure(Math.max(...times))];
  return [
    '## Start to ready',
    '',
    ...provenance([{ run }]),
    '- From starting the process to the first 200 of `GET /health/ready`; both stores in turn',
    '',
    ...table(
      ['store', 'starts', 'median, ms', 'slowest, ms'],
      [row('empty', samples.empty), row(`${number(events)} events`, samples.full)],
    ),
    '',
  ];
}

function memorySection({ sessions, series, run }) {
  const fields = ['resident', 'mappedFiles', 'anonymous', 'heapUsed'];
  return [
    '## Memory',
    '',
    ...provenance([{ run }]),
    `- Appends in turn over ${number(sessions)} sessions; MiB; nothing was forced. Resident memory includes mapped pages`,
    "  of the store's file, which the kernel takes back when it needs them; anonymous memory does not.",
    '- What fills up first and then stays: the tails of 50,000 sessions (`TAIL_CACHE_SIZE`, some 250 bytes each), the last',
    '  20,000 appends (some 200 each), and the heap that V8 likes to have.',
    '',
    ...table(
      ['appends', 'resident', 'of it mapped files', 'of it anonymous', 'heap used'],
      series.map((sample) => [number(sample.appends), ...fields.map((field) => figure(sample[field]))]),
    ),
    '',
  ];
}
