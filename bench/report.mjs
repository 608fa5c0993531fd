// The table in docs/benchmarks.md and the chart in docs/images/, both of one run.
import { readFileSync, writeFileSync } from 'node:fs';
import { ratiosToBare, table } from './table.mjs';

const PAGE = new URL('../docs/benchmarks.md', import.meta.url);
const CHART = new URL('../docs/images/benchmark.svg', import.meta.url);
const MARKED = /(<!-- run -->\n)[^]*(<!-- \/run -->)/;

/** Replaces the run in docs/benchmarks.md, and the chart. */
export function writeReport(results, about) {
  const page = readFileSync(PAGE, 'utf8');
  const run = `\n${about}\n\n${table(results)}\n\n`;
  writeFileSync(
    PAGE,
    page.replace(MARKED, (_all, start, end) => start + run + end),
  );
  writeFileSync(CHART, chart(ratiosToBare(results)));
}

/** Bars of requests a second relative to the bare server, as SVG for light and dark backgrounds. */
function chart(ratios) {
  const [left, width, step] = [270, 760, 28];
  const most = Math.max(1, ...ratios.map(({ value }) => value));
  const x = (value) => Math.round(left + (value / most) * (width - left - 60));
  const bottom = 16 + ratios.length * step;
  const text = (at, y, anchor, words) => `<text x="${at}" y="${y}" text-anchor="${anchor}">${words}</text>`;
  const bars = ratios.flatMap(({ title, value }, index) => {
    const y = 16 + index * step;
    return [
      text(left - 10, y + 16, 'end', title),
      `<rect x="${left}" y="${y + 2}" width="${x(value) - left}" height="20" rx="2"/>`,
      text(x(value) + 8, y + 16, 'start', value.toFixed(2)),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 36}" role="img" aria-label="Requests a second relative to the bare server">`,
    '<style>text { font: 13px system-ui, sans-serif; fill: #24292f } rect { fill: #2f81c7 } line { stroke: #8c959f }',
    '@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }</style>',
    ...bars,
    `<line x1="${x(1)}" y1="10" x2="${x(1)}" y2="${bottom}" stroke-dasharray="4 3"/>`,
    text(x(1), bottom + 22, 'middle', '1 = the bare server, which does not batch'),
    '</svg>',
    '',
  ].join('\n');
}
