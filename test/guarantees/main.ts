import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { RULES } from './checker/check.js';
import { groupBy } from './history.js';
import { runGuarantees } from './run.js';

const REPORT = 'reports/guarantees.json';

const USAGE = `Puts the service's guarantees to the test: clients work on a few sessions while faults strike, and a checker
decides from what they saw, and from what is stored in the end, whether every promise was kept.

  npm run guarantees -- --minutes 10 --instances 3

  --minutes N       how long (default 10)
  --instances N     instances of the service (default 3; 1 with --store embedded)
  --store S         standalone (default): the embedded store as a server; embedded: the instance's own; or a mongodb:// URI
  --long S          seconds for which an instance is partitioned or suspended (default 65); a round is three times as long`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    instances: { type: 'string' },
    store: { type: 'string', default: 'standalone' },
    long: { type: 'string', default: '65' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else {
  const long = numberOf('long', values.long);
  const instances = numberOf('instances', values.instances ?? (values.store === 'embedded' ? '1' : '3'));
  const seconds = numberOf('minutes', values.minutes) * 60;
  const result = await runGuarantees({
    seconds,
    roundSeconds: Math.min(seconds, 3 * long),
    instances,
    store: values.store,
    longFaultMs: long * 1000,
    progress: console.log,
  });
  const { checks, violations, deaths, struck, answers } = result;
  console.log(
    `\n${result.events} events in ${result.sessions} sessions of ${result.rounds} rounds; ${instances} instances, ` +
      `Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'an unknown processor'}\n`,
  );
  console.log(
    `Requests by answer (lost: no whole one within 4 s): ${JSON.stringify(answers).replaceAll('"', '')}\n`,
  );
  const times = [...groupBy(struck, ({ kind }) => kind)].map(([kind, all]) => `${kind} ${all.length}`);
  console.log(`Faults: ${times.sort().join(', ')}`);
  console.log('\nComparisons and violations:');
  for (const { name } of RULES) {
    const wrong = violations.filter(({ rule }) => rule === name).length;
    console.log(`${String(checks[name] ?? 0).padStart(9)} ${String(wrong).padStart(6)} ${name}`);
  }
  const wrong = violations.length + deaths.length;
  await mkdir('reports', { recursive: true });
  await writeFile(REPORT, JSON.stringify(result, null, 1));
  console.log(`\n${wrong === 0 ? 'Every promise was kept' : `${wrong} VIOLATIONS`}; details in ${REPORT}`);
  if (wrong > 0) console.log([...deaths, `Logs and data are in ${result.directory}`].join('\n'));
  process.exitCode = wrong === 0 ? 0 : 1;
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not "${text}"`);
  return value;
}
