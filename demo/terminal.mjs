// The tour's layout: colours, rules, columns. Plain text if the output is not a terminal or NO_COLOR is set.

const WIDTH = Math.min(100, Math.max(60, process.stdout.columns ?? 100));
const MARGIN = '  ';

const coloured = process.env.FORCE_COLOR
  ? process.env.FORCE_COLOR !== '0'
  : process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

const paint = (open, close) => (text) => (coloured ? `\u001b[${open}m${text}\u001b[${close}m` : `${text}`);

export const bold = paint(1, 22);
export const dim = paint(2, 22);
export const red = paint(31, 39);
export const green = paint(32, 39);
export const yellow = paint(33, 39);
export const blue = paint(34, 39);
export const magenta = paint(35, 39);
export const cyan = paint(36, 39);

// oxlint-disable-next-line no-control-regex
const COLOURS = /\u001b\[\d+m/g;
const widthOf = (text) => text.replace(COLOURS, '').length;

/** Pads with spaces on the right, ignoring colours. */
export const pad = (text, width) => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Cuts plain text to a width, with an ellipsis. */
export const cut = (text, width) =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

/** The columns left on a line after the margin and `used` columns. */
export const room = (used = 0) => WIDTH - MARGIN.length - used;

export const isTerminal = process.stdout.isTTY === true && process.env.TERM !== 'dumb';

let held;

/** Collects rows instead of printing them, until `hold(false)`. @returns the rows, as they are added. */
export function hold(on = true) {
  held = on ? [] : undefined;
  return held;
}

/** Prints a row unchanged. */
export function print(row) {
  if (held) held.push(row);
  else console.log(row);
}

/** How many rows of the terminal a row needs. */
export const heightOf = (row) => Math.max(1, Math.ceil(widthOf(row) / process.stdout.columns));

/** Clears the screen, but keeps the terminal's scrollback. */
export function clear() {
  process.stdout.write('\n'.repeat(process.stdout.rows) + '\u001b[H\u001b[2J');
}

export function line(text = '') {
  print(text.trim() === '' ? '' : MARGIN + text);
}

/** Prose, wrapped at words. */
export function prose(text, style = (plain) => plain) {
  let row = '';
  for (const word of text.split(' ')) {
    if (row !== '' && row.length + 1 + word.length > room()) {
      line(style(row));
      row = '';
    }
    row += (row === '' ? '' : ' ') + word;
  }
  line(style(row));
}

/** The title of the tour. */
export function title(name, subtitle) {
  line();
  line(bold(name));
  line(dim(subtitle));
  line();
}

/** The heading of a step: its number and name on a rule across the page. */
export function heading(number, name) {
  const label = ` ${String(number).padStart(2)}  ${name} `;
  print('');
  print(dim('──') + bold(cyan(label)) + dim('─'.repeat(Math.max(2, WIDTH - label.length - 2))));
  print('');
}

/** Named values under each other. */
export function fields(rows) {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  for (const [name, value] of rows) line(`  ${dim(name.padEnd(width))}${value}`);
}

/** What a step has verified. */
export function verified(text) {
  const [first, ...others] = wrap(text, room(4));
  line();
  line(`${green('✓')} ${first}`);
  for (const row of others) line(`  ${row}`);
}

function wrap(text, width) {
  const rows = [''];
  for (const word of text.split(' ')) {
    const row = rows.at(-1);
    if (row !== '' && row.length + 1 + word.length > width) rows.push(word);
    else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`;
  }
  return rows;
}

/** The colour of a status line: 2xx green, 4xx yellow, others red. */
export function statusColour(status) {
  if (status < 300) return green;
  return status < 500 ? yellow : red;
}
