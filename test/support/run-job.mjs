// The jobs of run-all.mjs: a script of npm that works or not, and a run of jest with its numbers.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';

const JEST = createRequire(import.meta.url).resolve('jest/bin/jest');

/**
 * What jest loads before it starts to load TypeScript. From then on, Node 20 asks another thread about each module, and these
 * have 1,000: loaded by then, they save 0.75 s of processor time a process.
 */
const NEST = ['testing', 'swagger', 'mongoose', 'platform-express'].flatMap((part) => [
  '--import',
  `@nestjs/${part}`,
]);

/** What no job takes on any machine: jest's tests have no time limit of their own. */
const STEP_MS = 10 * 60_000;

/** How long jest may take to end after its last test: by itself a second, and more on cores that others keep busy. */
const LINGER_MS = 30_000;

const directory = mkdtempSync(join(tmpdir(), 'run-tests-'));
const running = new Set();
let jobs = 0;

process.on('exit', () => {
  endAll();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a script of npm that either works or does not. What it says is shown only where it does not. */
export async function check(script, { niceness = 0, ...variables } = {}) {
  const since = performance.now();
  const { code, said } = await run('npm', ['--silent', 'run', script], variables, { niceness });
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
 * Runs jest. What it says is shown as it comes; of a run `beside` another one, when it is over. Suites that only start
 * services need not load Nest themselves: `withNest` is false.
 *
 * @returns its numbers.
 */
export async function suites(
  name,
  args,
  { beside = false, niceness = 0, withNest = true, ...variables } = {},
) {
  const since = performance.now();
  const outputFile = join(directory, `${++jobs}.json`);
  console.log(`== ${name}`);
  // Not through npm, which would stand between: the code or signal that is seen here is that of the process of the tests.
  const command = [...(withNest ? NEST : []), JEST, '--json', '--outputFile', outputFile, ...args];
  const options = { show: !beside, outputFile, niceness };
  const { code, end, said } = await run(process.execPath, command, variables, options);
  if (beside) console.log(`== ${name}\n${said.trimEnd()}`);
  const numbers = read(outputFile);
  const broken = numbers ? numbers.numRuntimeErrorTestSuites : 1; // files in which no test could run
  const passed = numbers?.numPassedTests ?? 0;
  const skipped = numbers?.numPendingTests ?? 0;
  let failed = (numbers?.numFailedTests ?? 0) + broken;
  const endedInOrder = numbers !== undefined && code === (numbers.success ? 0 : 1);
  if (!endedInOrder) {
    console.log(`${name}: jest ${end}`);
    if (failed === 0) failed = 1; // its tests passed, and something that they left kept it from that
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
 * Runs a program, and tells its exit code (null where it was ended by a signal, or had to be), how it ended in words, and
 * what it said. With an `outputFile`, it has to end by itself soon after that is there.
 */
function run(program, args, variables, { show = false, outputFile, niceness = 0 } = {}) {
  const environment = { ...process.env, ...variables };
  delete environment.MONGODB_URI; // the store is the suites' own, or the one of TEST_MONGODB_URI
  if (!('TEST_MONGODB_URI' in variables)) delete environment.TEST_MONGODB_URI;
  return new Promise((resolve) => {
    let said = '';
    const child = spawn(program, args, {
      env: environment,
      // jest's JSON goes to its file, and its words to the standard error
      stdio: ['ignore', outputFile ? 'ignore' : 'pipe', show ? 'inherit' : 'pipe'],
      detached: true, // a process group of its own, so that all of it can be ended
    });
    running.add(child);
    if (child.pid && niceness > getPriority()) setPriority(child.pid, niceness); // before it starts anything itself
    let endedFor;
    let lingering;
    const tooLong = setTimeout(() => {
      endedFor = `did not end within ${STEP_MS / 60_000} minutes`;
      endGroup(child);
    }, STEP_MS);
    const linger = () => {
      endedFor =
        child.exitCode === null
          ? `did not end within ${LINGER_MS / 1000} s of its last test`
          : 'left a process behind';
      child.kill('SIGUSR2'); // jest says what is open, see set-up-worker.mjs
      setTimeout(() => endGroup(child), 1_000);
    };
    const watch = setInterval(() => {
      if (outputFile !== undefined && existsSync(outputFile)) lingering ??= setTimeout(linger, LINGER_MS);
    }, 1_000);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
    child.once('error', (error) => resolve({ code: 1, end: String(error), said: String(error) }));
    child.once('close', (code, signal) => {
      clearTimeout(tooLong);
      clearTimeout(lingering);
      clearInterval(watch);
      running.delete(child);
      endGroup(child); // a process of tests that left something open outlives jest
      const end = endedFor ?? (signal ? `was ended by ${signal}` : `ended with ${code}`);
      resolve({ code: endedFor ? null : code, end, said });
    });
  });
}

function endGroup({ pid }) {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
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
