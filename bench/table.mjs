import { processRows, rows } from './rows.mjs';

const allRows = { ...rows, ...processRows };
const TARGETS = ['bare', 'before'];

/** The table of a run, in Markdown: medians of the rounds, and medians of the rounds' ratios. */
export function table(results) {
  const others = TARGETS.filter((name) => Object.values(results).some((each) => each[name]));
  const header = [
    'requests/s',
    'service',
    ...others.flatMap((name) => [name, 'ratio']),
    'p99, ms',
    ...['service', ...others].map((name) => `CPU of ${name}, µs`),
    'target',
  ];
  const body = Object.entries(results).map(([name, each]) => [
    allRows[name].title,
    figure(middle(each.service, 'value')),
    ...others.flatMap((other) => [
      figure(middle(each[other], 'value')),
      figure(ratio(each.service, each[other]), 2),
    ]),
    figure(middle(each.service, 'p99')),
    ...['service', ...others].map((target) => processorTime(each[target])),
    judged(results, name).map(said).join('; '),
  ]);
  return aligned([header, ...body]);
}

/** A service's requests a second as a ratio to the bare server's, by row. */
export function ratiosToBare(results) {
  return Object.entries(results)
    .filter(([name, { bare }]) => name in rows && bare)
    .map(([name, { service, bare }]) => ({ title: rows[name].title, value: ratio(service, bare) }));
}

/** What the targets say of a row; those without figures in this run are left out. */
function judged(results, name) {
  return allRows[name].targets.flatMap((target) => {
    const { than, field, limit, isLeast } = target;
    const other = than in allRows ? results[than]?.service : results[name][than];
    const measured = ratio(results[name].service, other, field);
    if (!Number.isFinite(measured)) return [];
    return [{ ...target, measured, isMet: isLeast ? measured >= limit : measured <= limit }];
  });
}

function said({ limit, than, field, isLeast, measured, isMet }) {
  const what = `${field === 'cpu' ? 'CPU ' : ''}${isLeast ? '≥' : '≤'} ${limit} × ${than}`;
  return `${what}: ${isMet ? 'met' : '**missed**'} (${measured.toFixed(2)})`;
}

/** Of the process and of its store. */
function processorTime(rounds) {
  const [own, store] = ['cpu', 'storeCpu'].map((field) => middle(rounds, field));
  if (!Number.isFinite(own)) return '–';
  return `${figure(own)} + ${figure(store)}`;
}

const figure = (value, digits = 0) =>
  Number.isFinite(value)
    ? value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : '–';

const middle = (rounds = [], field) => median(rounds.map((round) => round[field]));

function ratio(rounds, others, field = 'value') {
  if (!rounds || !others) return NaN;
  return median(rounds.map((round, index) => round[field] / others[index][field]));
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half) - 1]) / 2;
}

/** Pads the cells, so that the table can be read as text: the first and the last column from the left, the others from the right. */
function aligned(lines) {
  const last = lines[0].length - 1;
  const widths = lines[0].map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)));
  const isText = (column) => column === 0 || column === last;
  const padded = lines.map((line) =>
    line.map((cell, column) =>
      isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    ),
  );
  const rule = widths.map((width, column) =>
    isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return padded.toSpliced(1, 0, rule).map((cells) => `| ${cells.join(' | ')} |`).join('\n'); // oxfmt-ignore
}
