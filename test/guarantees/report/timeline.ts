import { FAULT_KINDS } from '../faults/fault.js';
import { type RunResult, type Second } from '../run-guarantees.js';

const WIDTH = 1000;
const LEFT = 110;
const PLOT_TOP = 30;
const PLOT_HEIGHT = 180;
const ROW = 16;
const COLOURS = { served: '#2f7d4f', unavailable: '#d98b1f', lost: '#b3372f', fault: '#4a5a8a' };

/** Requests per second during a run, with every fault as a bar below: a self-contained SVG. */
export function drawTimeline({ timeline, struck, seconds }: RunResult): string {
  const span = Math.max(1, seconds, timeline.length);
  const x = (second: number) => LEFT + (second / span) * (WIDTH - LEFT - 10);
  const columns = condense(timeline);
  const most = Math.max(1, ...columns.map(({ served, unavailable, lost }) => served + unavailable + lost));
  const kinds = FAULT_KINDS.filter((kind) => struck.some((one) => one.kind === kind));
  const rowsTop = PLOT_TOP + PLOT_HEIGHT + 28;
  const height = rowsTop + kinds.length * ROW + 12;

  const bars = columns.flatMap((column) => {
    let base = PLOT_TOP + PLOT_HEIGHT;
    return (['served', 'unavailable', 'lost'] as const).map((fate) => {
      const tall = (column[fate] / most) * PLOT_HEIGHT;
      base -= tall;
      return rect(x(column.from), base, x(column.to) - x(column.from), tall, COLOURS[fate]);
    });
  });
  const ticks = Array.from({ length: 11 }, (_, index) => (span / 10) * index).map((second) =>
    text(x(second), PLOT_TOP + PLOT_HEIGHT + 14, `${Math.round(second)} s`, 'middle'),
  );
  const faults = kinds.flatMap((kind, row) => [
    text(LEFT - 6, rowsTop + row * ROW + 11, kind, 'end'),
    ...struck
      .filter((one) => one.kind === kind)
      .map(({ from, to }) =>
        rect(
          x(from / 1000),
          rowsTop + row * ROW + 2,
          Math.max(1.5, x(to / 1000) - x(from / 1000)),
          ROW - 5,
          COLOURS.fault,
        ),
      ),
  ]);
  const legend = (['served', 'unavailable', 'lost'] as const).flatMap((fate, index) => [
    rect(LEFT + index * 170, 8, 10, 10, COLOURS[fate]),
    text(
      LEFT + index * 170 + 15,
      17,
      { served: 'served', unavailable: '503', lost: 'answer lost' }[fate],
      'start',
    ),
  ]);

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" fill="#333">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${[...legend, ...bars, ...ticks, ...faults].join('\n')}
${text(LEFT - 6, PLOT_TOP + 8, `${Math.round(most)}/s`, 'end')}
${text(LEFT - 6, PLOT_TOP + PLOT_HEIGHT, '0', 'end')}
</svg>
`;
}

type Column = Second & { readonly from: number; readonly to: number };

/** Averages over enough seconds that a long run still fits into the picture. */
function condense(timeline: readonly Second[]): Column[] {
  const step = Math.ceil(timeline.length / 300);
  const columns: Column[] = [];
  for (let from = 0; from < timeline.length; from += step) {
    const seconds = timeline.slice(from, from + step);
    const mean = (of: (second: Second) => number) =>
      seconds.reduce((sum, second) => sum + of(second), 0) / seconds.length;
    columns.push({
      from,
      to: from + seconds.length,
      served: mean(({ served }) => served),
      unavailable: mean(({ unavailable }) => unavailable),
      lost: mean(({ lost }) => lost),
    });
  }
  return columns;
}

function rect(x: number, y: number, width: number, height: number, fill: string): string {
  const [left, top, wide, high] = [x, y, width, height].map((value) => value.toFixed(1));
  return `<rect x="${left}" y="${top}" width="${wide}" height="${high}" fill="${fill}"/>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}
