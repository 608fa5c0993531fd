// npm run bench [-- --help]
import { writeFileSync } from 'node:fs';
import { cpus, platform, totalmem } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { measureMemory, measureRows, measureStarts } from './measure.mjs';
import { writeReport } from './report.mjs';
import { processRows, rows } from './rows.mjs';
import { table } from './table.mjs';
import { rootOf, storeName, Target } from './targets.mjs';

const NAMES = [...Object.keys(rows), ...Object.keys(processRows)];
const HELP = `npm run bench -- [options]

Compares the service with a bare node:http server, row by row, and prints a table; in some three minutes.
Each has the embedded store in a process of its own or, with TEST_MONGODB_URI, a database of that server.

  --only NAME[,NAME]    ${NAMES.slice(0, 9).join(', ')},
                        ${NAMES.slice(9).join(', ')}
  --before REF|DIR      measures another build too: a git ref, or a directory with a dist
  --rounds N            rounds of each row, and starts (5)
  --seconds N           seconds of a round (0.6)
  --appends N           appends before memory is measured again (100000)
  --store-pid N[,N]     processes of the store of TEST_MONGODB_URI, to add their processor time
  --json FILE           writes the figures of each round
  --report              writes the table into docs/benchmarks.md, and the chart
  --help`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: NAMES.join(',') },
    before: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.6' },
    appends: { type: 'string', default: '100000' },
    'store-pid': { type: 'string', default: '' },
    json: { type: 'string' },
    report: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help) end(HELP, 0);
const wanted = values.only.split(',');
const unknown = wanted.find((name) => !NAMES.includes(name));
if (unknown !== undefined) end(`There is no row named "${unknown}".\n\n${HELP}`, 64);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const targets = [];
try {
  const storePids = values['store-pid'].split(',').filter(Boolean).map(Number);
  const open = async (name, root) => targets.push(await Target.open(name, root, storePids));
  await open('service');
  await open('bare');
  if (values.before) await open('before', rootOf(values.before));
  const results = await measure();
  const about = await describeRun();
  console.log(`${about}\n\n${table(results)}`);
  if (values.json) writeFileSync(values.json, JSON.stringify({ about, results }, null, 2));
  if (values.report) writeReport(results, about);
} finally {
  for (const target of targets) await target.close();
}

async function measure() {
  const rounds = Number(values.rounds);
  const services = targets.filter(({ name }) => name !== 'bare');
  const names = wanted.filter((name) => name in rows);
  const results = await measureRows(targets, names, { rounds, seconds: Number(values.seconds) });
  if (wanted.includes('start')) results.start = await measureStarts(services, rounds);
  if (wanted.includes('idle') || wanted.includes('memory')) {
    Object.assign(results, await measureMemory(services, Number(values.appends)));
  }
  return results;
}

/** Where, when and how it was measured. */
async function describeRun() {
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}`;
  const before = values.before ? `\n- before: ${values.before}` : '';
  return `- ${date} UTC, on ${machine}, Node.js ${process.version}
- Store: ${await storeName()}
- ${values.rounds} rounds of ${values.seconds} s each; memory after ${Number(values.appends).toLocaleString('en')} appends${before}`;
}

function end(text, code) {
  console.log(text);
  process.exit(code);
}
