// Checks, builds, and runs every suite on every store that can be had: see run-tests.sh. Ends with `N passed, N failed`.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { findMongoDB } from './find-mongodb.mjs';

/** What needs no build: it runs the sources in the process of the test. */
const QUICK = ['/src/', '/test/e2e/'];

/** All suites, in two runs beside each other: the longest ones, one after the other, and the others, which wait now and then. */
const LONGEST = '/test/(guarantees|hostile)/';
const ALL = {
  'Guarantees and attacks': [LONGEST, '--maxWorkers=1'],
  'All others': [`--testPathIgnorePatterns=/node_modules/|${LONGEST}`],
};

/** The suites that speak to a store, whichever it is. */
const ON_ANY_STORE = ['/test/(e2e|queries|processes|guarantees|cli)/', '/conformance/'];

/** What no step takes on any machine: the runner has no time limit for a test. */
const STEP_MS = 15 * 60_000;

/** The linter is a Go program, which spends a third of its time on garbage where memory is not short. */
const GO = { GOGC: 'off', GOMEMLIMIT: '2GiB' };

const quick = process.argv.includes('--quick');
const directory = mkdtempSync(join(tmpdir(), 'run-tests-'));
const results = [];
let runs = 0;

/** Runs a script of npm, which works or not. What it says is shown only where it does not. */
async function script(name) {
  const { code, said, seconds } = await run('npm', ['run', '--silent', name], {
    quiet: true,
    environment: GO,
  });
  if (code !== 0) console.log(said.trimEnd());
  tell(name, code === 0 ? 1 : 0, code === 0 ? 0 : 1, seconds);
  return code === 0;
}

/** Runs the suites whose paths match. */
async function suites(name, patterns, environment) {
  console.log(`== ${name}`);
  const file = join(directory, `${++runs}.json`);
  const command = ['node_modules/jest/bin/jest.js', '--json', '--outputFile', file, ...patterns];
  const { code, seconds } = await run(process.execPath, command, { environment });
  const numbers = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}; // without, Jest has said why
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = numbers;
  const failed = numFailedTests + numRuntimeErrorTestSuites; // files in which no test could run
  tell(name, numPassedTests, failed === 0 && code !== 0 ? 1 : failed, seconds, numbers.numPendingTests);
}

function tell(name, passed, failed, seconds, skipped = 0) {
  const says = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} in ${seconds} s`;
  console.log(`== ${name}: ${says}`);
  results.push({ name, says, passed, failed });
}

function run(program, args, { quiet = false, environment = {} }) {
  const { MONGODB_URI: _mine, TEST_MONGODB_URI: _given, ...inherited } = process.env; // the suites' store is their own
  const since = performance.now();
  return new Promise((resolve) => {
    let said = '';
    const child = spawn(program, args, {
      env: { ...inherited, ...environment },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'ignore', 'inherit'], // Jest writes to the standard error
      timeout: STEP_MS,
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
    child.once('error', (error) => (said += String(error)));
    child.once('close', (code) => {
      resolve({ code: code ?? -1, said, seconds: Math.round((performance.now() - since) / 1000) });
    });
  });
}

const checks = async () => {
  for (const name of ['format:check', 'lint', 'imports']) await script(name);
};
if (quick) await Promise.all([checks(), suites('Units and endpoints', QUICK)]);
else if (await script('build')) {
  await Promise.all([
    ...Object.entries(ALL).map(([name, patterns]) => suites(`${name}, on the embedded store`, patterns)),
    checks(),
  ]);
  const mongodb = await findMongoDB();
  if (mongodb.uri) await suites(`On ${mongodb.name}`, ON_ANY_STORE, { TEST_MONGODB_URI: mongodb.uri });
  else results.push({ name: 'On a MongoDB', says: `not run: ${mongodb.missing}`, passed: 0, failed: 0 });
  await mongodb.stop?.();
}
rmSync(directory, { recursive: true });

const sum = (part) => results.reduce((total, result) => total + result[part], 0);
console.log('\n== Summary');
for (const { name, says } of results) console.log(`${name}: ${says}`);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
