import { escapeToken, OUT_OF_RANGE, type JsonFault } from './json-fault.js';

/** With fewer digits than this, every integer comes back as itself: a double holds any 15 digits. */
const LONG = 16;

const ZERO = 48;
const NINE = 57;
const POINT = 46;

/**
 * Whether a text has so many digits in a row, a decimal point among them, that a number may have been altered by
 * reading it. A run of 16 covers a place that 16 divides, so most of the text is never looked at: 5 ns for each such
 * place, 0.1 µs for an ordinary body.
 */
export function hasLongNumber(text: Uint8Array): boolean {
  for (let place = LONG - 1; place < text.length; place += LONG) {
    if (!isDigit(text[place])) continue;
    let start = place;
    let end = place + 1;
    while (isDigit(text[start - 1])) start--;
    while (isDigit(text[end])) end++;
    if (end - start >= LONG) return true;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= ZERO && byte <= NINE) || byte === POINT);
}

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[[\]{},:]/g;

/**
 * Finds a number that would not come back as it was sent: an integer that no double is (9007199254740993), or that one
 * is, but is written otherwise by every program that writes doubles (2 to the 60th). Fractions are as near as doubles are.
 *
 * @param json which must be JSON; its depth does not matter.
 */
export function findNumberFault(json: string): JsonFault | undefined {
  const path: (string | number)[] = []; // of the value that is being read; a key stands as it is in the JSON
  let text = '';
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{') path.push('');
    else if (token === '[') path.push(0);
    else if (token === '}' || token === ']') path.pop();
    else if (token === ':') path[path.length - 1] = text;
    else if (token === ',') nextIndex(path);
    else if (token.startsWith('"')) text = token;
    else if (!comesBack(token)) return { pointer: pointerTo(path), reason: reasonFor(token) };
  }
  return undefined;
}

function nextIndex(path: (string | number)[]): void {
  const index = path.at(-1);
  if (typeof index === 'number') path[path.length - 1] = index + 1;
}

/** Whether a number is no integer, or is the one that its answer will show. */
function comesBack(literal: string): boolean {
  if (literal.length < LONG) return true;
  const sent = decimalOf(literal);
  if (sent.exponent < 0) return true;
  const answered = decimalOf(String(Number(literal)));
  return sent.digits === answered.digits && sent.exponent === answered.exponent;
}

/** A number as its digits, without zeros at either end, and the power of ten of the last of them; its sign aside. */
function decimalOf(literal: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa = '', exponent = '0'] = literal.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = whole + fraction;
  let start = 0;
  let end = all.length;
  while (all[start] === '0') start++;
  while (end > start && all[end - 1] === '0') end--; // not by a pattern, which a million zeros would keep busy for hours
  const digits = all.slice(start, end);
  return { digits, exponent: digits === '' ? 0 : Number(exponent) - fraction.length + all.length - end };
}

function reasonFor(literal: string): string {
  const answered = Number(literal);
  return Number.isFinite(answered)
    ? `is an integer that would come back as ${answered}; send it as a string`
    : OUT_OF_RANGE;
}

function pointerTo(path: readonly (string | number)[]): string {
  return path
    .map((step) => `/${typeof step === 'number' ? step : escapeToken(JSON.parse(step) as string)}`)
    .join('');
}
