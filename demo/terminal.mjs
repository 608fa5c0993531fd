// The screens of the tour: 80 columns and 24 rows are enough for each. Colours are left out where the output is no terminal.
import { once } from 'node:events';
import process from 'node:process';
import { stripVTControlCharacters, styleText } from 'node:util';

export const WIDTH = 80;
const TITLE = 'Conversation Session Service';
const MARGIN = '  ';
const CTRL_C = '\u0003';

export const paint = (style, text) => styleText(style, text);
export const dim = (text) => styleText('dim', text);
export const bold = (text) => styleText('bold', text);

/** Whether somebody watches and can press a key. */
export const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;

/** Pads with spaces on the right, ignoring colours. */
export const pad = (text, width) =>
  text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length));

/** Cuts plain text to a width, with an ellipsis. */
export const cut = (text, width) => (text.length > width ? `${text.slice(0, width - 1)}…` : text);

export const line = (text = '') => console.log(text === '' ? '' : MARGIN + text);

/** Named values under each other. */
export function fields(values) {
  for (const [name, value] of Object.entries(values)) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    line(`${dim(name.padEnd(14))} ${cut(text, WIDTH - 17)}`);
  }
}

/** Text wrapped at words. */
export function prose(text, style = (row) => row) {
  for (const row of text.match(/.{1,78}(?: |$)/g)) line(style(row.trimEnd()));
}

/** Begins a screen. In a terminal it is cleared, and what was on it stays in the scrollback. */
export function screen(heading) {
  if (isInteractive) process.stdout.write(`${'\n'.repeat(process.stdout.rows)}\u001b[H\u001b[2J`);
  else line();
  line(`${bold(TITLE)} ${dim('·')} ${bold(paint('cyan', heading))}`);
  line();
}

export const verified = (text) => prose(`✓ ${text}`, (row) => row.replace('✓', paint('green', '✓')));

/** Waits for a key, where somebody watches. @returns whether the tour goes on: false after q and Ctrl+C. */
export async function goesOn(prompt = 'any key goes on, q leaves') {
  if (!isInteractive) return true;
  process.stdout.write(`${MARGIN}${dim(prompt)} `);
  process.stdin.setRawMode(true).resume();
  const [key] = await once(process.stdin, 'data');
  process.stdin.setRawMode(false).pause();
  process.stdout.write('\n');
  return ![CTRL_C, 'q', 'Q'].includes(String(key));
}
