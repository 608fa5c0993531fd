import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULT_KINDS, type FaultKind } from './faults/fault.js';
import { describeRun } from './report/report.js';
import { drawTimeline } from './report/timeline.js';
import { runGuarantees } from './run-guarantees.js';

const USAGE = `Puts the service's guarantees to the test: clients work on a few sessions while faults strike, and a checker
decides from what they saw, and from what is stored in the end, whether every promise was kept.

  npm run guarantees -- --minutes 10 --instances 3 --faults all

  --minutes N       how long (default 2)
  --instances N     instances of the service (default 3; 1 with --store embedded)
  --store S         standalone (default): the embedded store as a server; embedded: the instance's own; or a mongodb:// URI
  --faults F        all (default), none, or some of ${FAULT_KINDS.join(', ')}
  --clients N       clients (default 12)
  --pause MS        up to how long a client rests after each request (default 20)
  --round S         seconds after which a round is checked, and new sessions take the place of the old (default 60)
  --seed N          for the same choices again (default: from the clock)
  --report FILE     where the report goes, Markdown; its picture beside it (default reports/guarantees.md)`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    instances: { type: 'string' },
    store: { type: 'string', default: 'standalone' },
    faults: { type: 'string', default: 'all' },
    clients: { type: 'string', default: '12' },
    pause: { type: 'string', default: '20' },
    round: { type: 'string', default: '60' },
    seed: { type: 'string' },
    report: { type: 'string', default: 'reports/guarantees.md' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  const options = {
    seconds: numberOf('minutes', values.minutes) * 60,
    roundSeconds: numberOf('round', values.round),
    instances: numberOf('instances', values.instances ?? (values.store === 'embedded' ? '1' : '3')),
    store: values.store,
    faults: kindsOf(values.faults),
    seed: numberOf('seed', values.seed ?? String(Date.now() % 1_000_000)),
    clients: numberOf('clients', values.clients),
    pauseMs: numberOf('pause', values.pause),
    progress: (line: string) => {
      console.log(line);
    },
  };
  console.log(`seed ${options.seed}; the same again with --seed ${options.seed}`);
  const result = await runGuarantees(options);

  const picture = values.report.replace(/(\.md)?$/, '.svg');
  await mkdir(dirname(values.report), { recursive: true });
  await writeFile(picture, drawTimeline(result));
  await writeFile(values.report, describeRun(options, result, picture));
  const wrong = result.violations.length + result.deaths.length;
  console.log(
    `${wrong === 0 ? 'Every promise was kept' : `${wrong} VIOLATIONS`}; report in ${values.report}`,
  );
  for (const death of result.deaths) console.log(death);
  if (wrong > 0) console.log(`Logs and data are in ${result.directory}`);
  process.exitCode = wrong === 0 ? 0 : 1;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`--${name} must be a number, not "${text}"`);
  return value;
}

function kindsOf(text: string): ReadonlySet<FaultKind> {
  if (text === 'all') return new Set(FAULT_KINDS);
  if (text === 'none') return new Set();
  return new Set(
    text.split(',').map((name) => {
      const kind = FAULT_KINDS.find((known) => known === name);
      if (!kind) throw new Error(`--faults knows ${FAULT_KINDS.join(', ')}, not "${name}"`);
      return kind;
    }),
  );
}
