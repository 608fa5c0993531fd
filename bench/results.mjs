// The raw numbers, kept in docs/benchmarks.json, so that one report can have parts that ran on different days.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { depthPlot, throughputPlot } from './plots.mjs';
import { markdown } from './report.mjs';
import { rounded } from './statistics.mjs';

const inDocs = (name) => new URL(`../docs/${name}`, import.meta.url);
const DATA = inDocs('benchmarks.json');

export function readData(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Adds to each part when and where it ran. Each scenario of throughput is a part of its own. */
export function stamped({ throughput, ...parts }) {
  const run = { date: new Date().toISOString(), machine: machine(), store: store() };
  const mark = (found) =>
    Object.fromEntries(Object.entries(found).map(([name, part]) => [name, { ...part, run }]));
  return rounded({ ...(throughput && { throughput: mark(throughput) }), ...mark(parts) });
}

/** The earlier data, with the new parts in place of the old ones. */
export function merged(data) {
  const before = existsSync(DATA) ? readData(DATA) : {};
  const throughput = { ...before.throughput, ...data.throughput };
  return { ...before, ...data, ...(Object.keys(throughput).length > 0 && { throughput }) };
}

/** Writes the data, the report and its plots. */
export function writeReport(data) {
  mkdirSync(inDocs('images/'), { recursive: true });
  writeFileSync(DATA, JSON.stringify(data));
  execFileSync('npm', ['run', '--silent', 'format', '--', fileURLToPath(DATA)]);
  if (data.throughput) writeFileSync(inDocs('images/benchmark-throughput.svg'), throughputPlot(data));
  if (data.depth) writeFileSync(inDocs('images/benchmark-depth.svg'), depthPlot(data));
  writeFileSync(inDocs('benchmarks.md'), markdown(data));
  console.log('wrote docs/benchmarks.md');
}

function machine() {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()} ${arch()}, Node ${process.version}`;
}

function store() {
  return process.env.MONGODB_URI
    ? 'the MongoDB of MONGODB_URI'
    : 'the embedded store, in a process of its own';
}
