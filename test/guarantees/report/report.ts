import { cpus } from 'node:os';
import { basename } from 'node:path';
import { RULES } from '../checker/check.js';
import { FAULT_MEANINGS, FAULT_KINDS } from '../faults/fault.js';
import { type RunOptions, type RunResult } from '../run-guarantees.js';

const SHOWN_VIOLATIONS = 20;
const SHOWN_EVIDENCE = 4000;

/** The report of a run, in Markdown, for sceptical readers. */
export function describeRun(options: RunOptions, result: RunResult, picture: string): string {
  const { violations, deaths, struck } = result;
  const wrong = violations.length + deaths.length;
  return `${[
    '# Guarantees: report of a run',
    `**${wrong === 0 ? 'No violation.' : `${wrong} violations.`}** ${describeScene(options, result)}`,
    `![Requests a second, with the faults](${basename(picture)})`,
    '## What was done',
    table(['requests', ...fatesIn(result), 'all'], requestRows(result)),
    `${count(result.operations)} operations took ${count(result.operations + result.retries)} requests: ` +
      `${count(result.retries)} were retries of one whose answer was lost or said 503. ` +
      `${count(result.events)} events in ${count(result.sessions)} sessions are stored. ` +
      'A `lost` request got no whole answer: its connection broke, or nothing came within 4 s.',
    '## What was done to it',
    table(
      ['fault', 'times', 'what it is'],
      FAULT_KINDS.map((kind) => [
        kind,
        count(struck.filter((one) => one.kind === kind).length),
        FAULT_MEANINGS[kind],
      ]),
    ),
    '## What was checked',
    table(
      ['promise', 'comparisons', 'violations'],
      RULES.map(({ name, promise }) => [
        `**${name}**: ${promise}`,
        count(result.checks[name] ?? 0),
        count(violations.filter(({ rule }) => rule === name).length),
      ]),
    ),
    `Processes that ended by themselves, or did not stop when told to: ${deaths.length}.`,
    ...(wrong > 0 ? ['## Violations', describeViolations(result)] : []),
  ].join('\n\n')}\n`;
}

function describeScene(options: RunOptions, result: RunResult): string {
  const { seconds, rounds, startedAt } = result;
  const store = { embedded: 'its own embedded store', standalone: 'the embedded store as a server' }[
    options.store
  ];
  const [cpu] = cpus();
  return (
    `${count(seconds)} s in ${rounds} rounds, begun ${startedAt.toISOString()}: ${options.clients} clients, ` +
    `${options.instances} ${options.instances === 1 ? 'instance' : 'instances'} on ${store ?? 'a MongoDB of its own'}, ` +
    `seed ${options.seed}; Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown CPU'}.`
  );
}

function fatesIn({ answers }: RunResult): string[] {
  return [...new Set(Object.values(answers).flatMap((fates) => Object.keys(fates)))].sort();
}

function requestRows(result: RunResult): string[][] {
  const fates = fatesIn(result);
  return Object.entries(result.answers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, counts]) => [
      kind,
      ...fates.map((fate) => count(counts[fate] ?? 0)),
      count(Object.values(counts).reduce((sum, value) => sum + value, 0)),
    ]);
}

function describeViolations({ violations, deaths }: RunResult): string {
  return [
    ...deaths.map((death) => `- ${death}`),
    ...violations
      .slice(0, SHOWN_VIOLATIONS)
      .map(
        ({ rule, sessionId, what, evidence }) =>
          `### ${rule}: ${what}\n\nIn session \`${sessionId}\`.\n\n\`\`\`json\n${JSON.stringify(evidence, null, 1).slice(0, SHOWN_EVIDENCE)}\n\`\`\``,
      ),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
