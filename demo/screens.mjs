// Each step is a screen: cleared before, and kept until a key is pressed. Without a terminal, or with --fast, all steps
// run through.

import { once } from 'node:events';
import {
  clear,
  dim,
  heading,
  heightOf,
  hold,
  isTerminal,
  line,
  print,
  prose,
  verified,
} from './terminal.mjs';

const CTRL_C = '\u0003';
/** Rows of the prompt for a key, and of those around it. */
const PROMPT_ROWS = 3;

/**
 * @param fast whether to run without waiting for the user.
 * @returns a function that shows a step, and resolves when the user continues.
 */
export function screensOf({ fast }) {
  const paged = !fast && isTerminal && process.stdin.isTTY === true;
  return async function show({ number, title, says, live, run }) {
    if (paged && number > 1) clear(); // the first step follows the tour's title
    const rows = paged && !live ? hold() : undefined;
    try {
      heading(number, title);
      prose(says, dim);
      line();
      verified(await run());
    } finally {
      if (rows) await turnPages(rows);
    }
    if (paged) await anyKey('Any key goes on, q ends the tour');
  };
}

/** Prints rows, and waits when the screen is full. */
async function turnPages(rows) {
  hold(false);
  let left = process.stdout.rows - PROMPT_ROWS;
  for (const row of rows) {
    left -= heightOf(row);
    if (left < 0) {
      await anyKey('Any key shows the rest, q ends the tour');
      clear();
      left = process.stdout.rows - PROMPT_ROWS - heightOf(row);
    }
    print(row);
  }
}

async function anyKey(what) {
  process.stdout.write(`\n  ${dim(what)} `);
  const { stdin } = process;
  stdin.setRawMode(true).resume();
  const [key] = await once(stdin, 'data');
  stdin.setRawMode(false).pause();
  process.stdout.write('\n');
  if (String(key) === CTRL_C || String(key).toLowerCase() === 'q') {
    process.kill(process.pid, 'SIGINT');
    await new Promise(() => undefined); // the signal ends the process
  }
}
