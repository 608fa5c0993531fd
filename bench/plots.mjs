// The two plots of the report, as SVG for light and dark backgrounds.
import { OF_BARE_LIMIT, partOfBareLimit, pick } from './goals.mjs';
import { median } from './statistics.mjs';

const WIDTH = 760;
const COLOURS = { first: '#2f81c7', middle: '#c77d1a', last: '#3f9a57' };
const STYLE = `<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 }
  .small { font-size: 12px; fill: #57606a }
  .axis { stroke: #8c959f; stroke-width: 1; fill: none }
  .grid { stroke: #8c959f; stroke-opacity: .3 }
  .target { stroke: #c0392b; stroke-width: 3 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9da7b1 } .target { stroke: #ff7b6b } }
</style>`;

const text = (x, y, words, { kind = '', anchor = 'start', transform = '' } = {}) =>
  `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}"${transform && ` transform="${transform}"`}>${words}</text>`;
const line = (x1, y1, x2, y2, kind) => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${kind}"/>`;

function svg(height, title, parts) {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}">`;
  return [head, STYLE, text(16, 26, title, { kind: 'title' }), ...parts, '</svg>', ''].join('\n');
}

/** Bars: the service's requests per second as a share of the bare limit's; the tick is the target. */
export function throughputPlot({ throughput }) {
  const [left, top, step] = [330, 48, 30];
  const bars = Object.entries(throughput).filter(([, { samples }]) => samples.bare);
  const values = bars.map(([, result]) => partOfBareLimit(result));
  const most = Math.max(1, ...values);
  const x = (value) => Math.round(left + (value / most) * (WIDTH - left - 60));
  const bottom = top + bars.length * step;
  const rows = bars.flatMap(([name, { title }], index) => {
    const y = top + index * step;
    const target = OF_BARE_LIMIT[name];
    return [
      text(left - 10, y + 19, title, { anchor: 'end' }),
      `<rect x="${left}" y="${y + 5}" width="${x(values[index]) - left}" height="20" rx="2" fill="${COLOURS.first}"/>`,
      text(Math.max(x(values[index]), x(target ?? 0)) + 8, y + 19, values[index].toFixed(2)),
      ...(target ? [line(x(target), y + 2, x(target), y + 28, 'target')] : []),
    ];
  });
  const ticks = Array.from({ length: Math.floor(most / 0.25 + 1e-9) + 1 }, (_, index) => index * 0.25);
  const grid = ticks.flatMap((value) => [
    line(x(value), top, x(value), bottom, 'grid'),
    text(x(value), bottom + 18, value.toFixed(2), { kind: 'small', anchor: 'middle' }),
  ]);
  const label = 'requests/s relative to the bare limit; the tick is the target';
  return svg(bottom + 52, 'Throughput as a share of the bare limit', [
    ...grid,
    ...rows,
    line(left, top, left, bottom, 'axis'),
    text((left + WIDTH - 60) / 2, bottom + 40, label, { kind: 'small', anchor: 'middle' }),
  ]);
}

/** Two panels of lines, by page and by cursor: latency by size of the session, sorted by time. */
export function depthPlot({ depth: { rows } }) {
  const shown = pick(rows, { sort: 'timestamp' });
  const highest = Math.max(...shown.map(({ rounds }) => median(rounds)));
  const most = Math.ceil((highest * 1.1) / 0.4) * 0.4; // so that a quarter of it is a round number
  const panels = ['page', 'cursor'].flatMap((by, index) =>
    panel(pick(shown, { by }), { by, most, left: 64 + index * 356 }),
  );
  const legend = Object.entries(COLOURS).flatMap(([place, colour], index) => [
    `<rect x="${WIDTH - 290 + index * 95}" y="16" width="14" height="10" rx="2" fill="${colour}"/>`,
    text(WIDTH - 270 + index * 95, 26, place),
  ]);
  const label = text(18, 190, 'ms, median', {
    kind: 'small',
    anchor: 'middle',
    transform: 'rotate(-90 18 190)',
  });
  return svg(370, 'Latency of a page, by its position', [...legend, label, ...panels]);
}

function panel(rows, { by, most, left }) {
  const [top, bottom, width] = [72, 310, 310];
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b);
  const span = Math.log10(sizes.at(-1) / sizes[0]) || 1;
  const x = (size) => Math.round(left + 18 + (Math.log10(size / sizes[0]) / span) * (width - 50));
  const y = (value) => Math.round(bottom - (value / most) * (bottom - top));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * most);
  return [
    text(left, top - 12, `by ${by}`),
    ...ticks.map((value) => line(left, y(value), left + width, y(value), 'grid')),
    ...ticks.map((value) => text(left - 6, y(value) + 4, value.toFixed(1), { kind: 'small', anchor: 'end' })),
    ...sizes.map((size) =>
      text(x(size), bottom + 18, size.toLocaleString('en'), { kind: 'small', anchor: 'middle' }),
    ),
    ...Object.entries(COLOURS).flatMap(([place, colour]) => curve(pick(rows, { place }), { x, y, colour })),
    line(left, bottom, left + width, bottom, 'axis'),
    text(left + width / 2, bottom + 42, 'events in the session', { kind: 'small', anchor: 'middle' }),
  ];
}

function curve(rows, { x, y, colour }) {
  const points = rows.map(({ size, rounds }) => [x(size), y(median(rounds))]);
  return [
    `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"/>`),
  ];
}
