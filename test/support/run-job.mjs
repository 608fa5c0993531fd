// The jobs of run-all.mjs: a script of npm that works or not, and a run of jest with its numbers.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';

/** What no job takes on any machine: jest's tests have no time limit of their own. */
const STEP_MS = 10 * 60_000;

/** How long jest may take to end after its last test. */
const LINGER_MS = 10_000;

const directory = mkdtempSync(join(tmpdir(), 'run-tests-'));
const running = new Set();
let jobs = 0;

process.on('exit', () => {
  endAll();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a script of npm that either works or does not. What it says is shown only where it does not. */
export async function check(script, niceness = 0) {
  const since = performance.now();
  const { code, said } = await npm(['run', script], {}, { niceness });
  const isGood = code === 0;
  if (!isGood) console.log(said.trimEnd());
  const says = `${isGood ? 'passed' : 'FAILED'} in ${seconds(since)}`;
  console.log(`== ${script}: ${says}`);
  return { name: script, says, passed: isGood ? 1 : 0, failed: isGood ? 0 : 1 };
}

/** Runs jest in several processes side by side, each with its part of the suites. @returns the sum of their numbers. */
export async function dealtSuites(name, parts, args, options) {
  const since = performance.now();
  const each = await Promise.all(
    Array.from({ length: parts }, (_, index) =>
      suites(`${name}, part ${index + 1}`, [...args, `--shard=${index + 1}/${parts}`], options),
    ),
  );
  const sum = (part) => each.reduce((total, numbers) => total + numbers[part], 0);
  return told(name, { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }, since);
}

/**
 * Runs jest. What it says is shown as it comes; of a run `beside` another one, when it is over.
 *
 * @returns its numbers.
 */
export async function suites(name, args, { beside = false, niceness = 0, ...variables } = {}) {
  const since = performance.now();
  const outputFile = join(directory, `${++jobs}.json`);
  console.log(`== ${name}`);
  const command = ['test', '--', '--json', '--outputFile', outputFile, ...args];
  const { code, said } = await npm(command, variables, { show: !beside, outputFile, niceness });
  if (beside) console.log(`== ${name}\n${said.trimEnd()}`);
  const numbers = read(outputFile);
  const broken = numbers ? numbers.numRuntimeErrorTestSuites : 1; // files in which no test could run
  const passed = numbers?.numPassedTests ?? 0;
  const skipped = numbers?.numPendingTests ?? 0;
  let failed = (numbers?.numFailedTests ?? 0) + broken;
  if (code !== 0 && numbers?.success) {
    // What counts is its verdict on the tests; how a process full of native modules ends after that is told, no more.
    console.log(
      `All tests passed, but jest ${code === null ? 'did not end: a test left something open' : `ended with ${code}`}.`,
    );
  } else if (code !== 0) {
    if (code === null) console.log('Took too long.');
    if (failed === 0) failed = 1; // jest itself was not content
  }
  return told(name, { passed, failed, skipped }, since);
}

function told(name, { passed, failed, skipped }, since) {
  const says = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} in ${seconds(since)}`;
  return { name, says, passed, failed, skipped };
}

/** Ends everything that runs, with all that it has started. */
export function endAll() {
  for (const child of running) endGroup(child);
}

/**
 * Runs npm, and tells how it ended (by a code, or null where it had to be ended) and what it said. With an `outputFile`,
 * it has ended when that is there: a test that leaves something open keeps jest alive.
 */
function npm(args, variables, { show = false, outputFile, niceness = 0 } = {}) {
  const environment = { ...process.env, ...variables };
  delete environment.MONGODB_URI; // the store is the suites' own, or the one of TEST_MONGODB_URI
  if (!('TEST_MONGODB_URI' in variables)) delete environment.TEST_MONGODB_URI;
  return new Promise((resolve) => {
    let said = '';
    const child = spawn('npm', ['--silent', ...args], {
      env: environment,
      // jest's JSON goes to its file, and its words to the standard error
      stdio: ['ignore', outputFile ? 'ignore' : 'pipe', show ? 'inherit' : 'pipe'],
      detached: true, // a process group of its own, so that all of it can be ended
    });
    running.add(child);
    if (child.pid && niceness > getPriority()) setPriority(child.pid, niceness); // before it starts anything itself
    let lingering;
    const tooLong = setTimeout(() => endGroup(child), STEP_MS);
    const watch = setInterval(() => {
      if (outputFile !== undefined && existsSync(outputFile)) {
        lingering ??= setTimeout(() => {
          signalGroup(child, 'SIGUSR2'); // jest says what is open
          setTimeout(() => endGroup(child), 1_000);
        }, LINGER_MS);
      }
    }, 1_000);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
    child.once('error', (error) => resolve({ code: 1, said: String(error) }));
    child.once('close', (code) => {
      clearTimeout(tooLong);
      clearTimeout(lingering);
      clearInterval(watch);
      running.delete(child);
      endGroup(child); // a process of tests that left something open outlives jest
      resolve({ code, said });
    });
  });
}

function endGroup(child) {
  signalGroup(child, 'SIGKILL');
}

function signalGroup({ pid }, signal) {
  try {
    if (pid) process.kill(-pid, signal);
  } catch {
    // it has ended meanwhile
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // jest did not get that far
  }
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
