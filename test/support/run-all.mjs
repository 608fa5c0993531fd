// Builds, checks, and runs every suite on every store that can be had. Ends with one line: `N passed, N failed`.
// Usage: ./run-tests.sh

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';
import { findMongoDB } from './find-mongodb.mjs';

const STEP_MS = 15 * 60_000;

/** How long jest may take to end after its last test. */
const LINGER_MS = 10_000;

/** The suites that speak to a store: all but those of the embedded store's own insides. */
const ON_ANY_STORE = [
  '--testPathPatterns',
  '/test/',
  '--testPathIgnorePatterns',
  '/test/store/(?!conformance/)',
];

/** What strikes with faults and measures seconds: by itself, when the other suites are done. */
const FAULTS = ['--testMatch', '**/*.faults.ts', '--runInBand'];

const totals = { passed: 0, failed: 0 };
const report = [];
const directory = mkdtempSync(join(tmpdir(), 'run-tests-'));
let running;
let mongodb;

process.on('exit', () => {
  endGroup(running);
  rmSync(directory, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void finish(`${signal}: stopped`));

try {
  await step('Build', ['run', 'build']);
  await step('Checks: format, lint, types, imports', ['run', 'check']);
  await suites('Tests on the embedded store', undefined, []);
  await suites('Faults', undefined, FAULTS);
  mongodb = await findMongoDB();
  if (mongodb.uri) await suites(`Tests on ${mongodb.name}`, mongodb.uri, ON_ANY_STORE);
  else report.push(['MongoDB', `not run: ${mongodb.missing}`]);
  await finish();
} catch (error) {
  await finish(error.stack);
}

/** Something that either works or does not. What it says is shown only where it does not. */
async function step(name, args) {
  heading(name);
  const since = performance.now();
  const { code, said } = await npm(args, {}, 'pipe');
  if (code !== 0) {
    totals.failed++;
    console.log(said.trimEnd());
  }
  const result = `${code === 0 ? 'passed' : 'FAILED'} in ${seconds(since)}`;
  console.log(result);
  report.push([name, result]);
}

/** One run of jest, with its own summary; its numbers go into the sum. */
async function suites(name, uri, args) {
  heading(name);
  const since = performance.now();
  const outputFile = join(directory, `${report.length}.json`);
  const { code } = await npm(
    ['test', '--', '--json', '--outputFile', outputFile, ...args],
    { TEST_MONGODB_URI: uri },
    'inherit',
    outputFile,
  );
  const numbers = read(outputFile);
  const broken = numbers ? numbers.numRuntimeErrorTestSuites : 1; // files in which no test could run
  const passed = numbers?.numPassedTests ?? 0;
  let failed = (numbers?.numFailedTests ?? 0) + broken;
  if (code === null)
    console.log(numbers ? 'A test left something open: jest did not end.' : 'Took too long.');
  if (code !== 0 && failed === 0) failed = 1; // jest itself was not content
  totals.passed += passed;
  totals.failed += failed;
  const skipped = numbers?.numPendingTests ?? 0;
  report.push([
    name,
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} in ${seconds(since)}`,
  ]);
}

/**
 * Runs npm, and tells how it ended (by a code, or null where it had to be ended) and, where its output is piped, what
 * it said. With a `resultFile`, it has ended when that is there: a test that leaves something open keeps jest alive.
 */
function npm(args, variables, output, resultFile) {
  const environment = { ...process.env, ...variables };
  delete environment.MONGODB_URI; // the store is the suites' own, or the one of TEST_MONGODB_URI
  if (environment.TEST_MONGODB_URI === undefined) delete environment.TEST_MONGODB_URI;
  return new Promise((resolve) => {
    let said = '';
    const child = spawn('npm', ['--silent', ...args], {
      env: environment,
      stdio: ['ignore', output === 'pipe' ? 'pipe' : 'ignore', output], // jest's JSON goes to its file
      detached: true, // a process group of its own, so that all of it can be ended
    });
    running = child;
    let lingering;
    const tooLong = setTimeout(() => endGroup(child), STEP_MS);
    const watch = setInterval(() => {
      if (resultFile !== undefined && existsSync(resultFile)) {
        lingering ??= setTimeout(() => endGroup(child), LINGER_MS);
      }
    }, 1_000);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
    child.once('error', (error) => resolve({ code: 1, said: String(error) }));
    child.once('close', (code) => {
      clearTimeout(tooLong);
      clearTimeout(lingering);
      clearInterval(watch);
      running = undefined;
      resolve({ code, said });
    });
  });
}

/** Ends a process with all that it has started. */
function endGroup(child) {
  try {
    if (child?.pid) process.kill(-child.pid, 'SIGKILL');
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

async function finish(trouble) {
  if (trouble) totals.failed++;
  heading('Summary');
  for (const [name, result] of report) console.log(`${name}: ${result}`);
  if (trouble) console.log(trouble);
  console.log();
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  endGroup(running);
  await mongodb?.stop?.();
  process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);
}

function heading(text) {
  console.log(`\n== ${text}`);
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
