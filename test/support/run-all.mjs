// Builds, checks, and runs every suite on every store that can be had. Ends with one line: `N passed, N failed`.
// Usage: ./run-tests.sh [--quick]

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { findMongoDB } from './find-mongodb.mjs';
import { check, dealtSuites, endAll, suites } from './run-job.mjs';

const quick = process.argv.includes('--quick');

const UNITS = '/src/';

/** What needs no build: it runs the sources in the process of the test. */
const QUICK = ['--testPathPatterns', UNITS, '/test/e2e/'];

const HOSTILE = '/test/hostile/';

/** What holds seconds against a bound, one file after the other. */
const MEASURING = ['--testMatch', '**/*.faults.ts', '--testPathIgnorePatterns', 'guarantees.faults.ts'];
const GUARANTEES = ['--testMatch', '**/guarantees.faults.ts'];
const ATTACKERS = ['--testPathPatterns', HOSTILE];

/** The suites that speak to a store: all but those of the embedded store's own insides */
const ON_ANY_STORE = [
  '--testPathPatterns=/test/',
  ...['/test/store/(?!conformance/)', HOSTILE].map((path) => `--testPathIgnorePatterns=${path}`),
];

const OTHERS = ['--testPathPatterns=/test/', `--testPathIgnorePatterns=${HOSTILE}`];

/** One more than there are cores: each waits now and then, and loads the program anew. A fourth on two cores costs more than it gains. */
const PARTS = Math.min(8, availableParallelism() + 1);

/** How far each gives way to what measures, in the unit of nice(1). */
const CHECKS = 19;
const SUITES = 10;

/** The linter is a Go program of some seconds, whose garbage collector takes a third of them where memory is not short. */
const CHECKED = { niceness: CHECKS, GOGC: 'off', GOMEMLIMIT: '2GiB' };

const results = [];
let mongodb;

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void finish(`${signal}: stopped`));
try {
  await (quick ? runQuick() : runAll());
  await finish();
} catch (error) {
  await finish(error.stack);
}

async function runQuick() {
  await Promise.all([checks(), run(dealtSuites('Units and endpoints', PARTS, QUICK))]);
}

/**
 * What holds seconds against a bound comes first, beside nothing but the checks and the units. The guarantees and the attackers
 * then take the cores from the rest, which uses what they leave: they mostly wait, for faults to strike and attackers to leave.
 */
async function runAll() {
  const onBuild = { GUARANTEES_DIST: 'dist' }; // by themselves, those suites would build it once more
  const outside = { ...onBuild, withNest: false }; // they look at services from outside
  const beside = { ...outside, beside: true };
  const checked = checks().then(() =>
    run(suites('Units', ['--testPathPatterns', UNITS], { beside: true, niceness: CHECKS })),
  );
  await run(check('build'));
  await run(suites('Faults', MEASURING, outside));
  await Promise.all([
    checked,
    run(dealtSuites('Tests on the embedded store', PARTS, OTHERS, { ...onBuild, niceness: SUITES })),
    // One after the other: beside attackers, hardly any request of the guarantees comes through.
    run(suites('Guarantees', GUARANTEES, beside)).then(() =>
      run(suites('Hostile surroundings', ATTACKERS, beside)),
    ),
  ]);
  mongodb = await findMongoDB();
  if (mongodb.uri) {
    const onMongoDB = { ...onBuild, TEST_MONGODB_URI: mongodb.uri };
    await run(dealtSuites(`Tests on ${mongodb.name}`, PARTS, ON_ANY_STORE, onMongoDB));
  } else results.push({ name: 'MongoDB', says: `not run: ${mongodb.missing}` });
}

/** The parts of `npm run check`, one after the other. */
async function checks() {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const [, name] of scripts.check.matchAll(/npm run ([\w:]+)/g)) await run(check(name, CHECKED));
}

async function run(job) {
  results.push(await job);
}

async function finish(trouble) {
  const sum = (part) => results.reduce((total, result) => total + (result[part] ?? 0), 0);
  const [passed, failed, skipped] = [sum('passed'), sum('failed') + (trouble ? 1 : 0), sum('skipped')];
  console.log('\n== Summary');
  for (const { name, says } of results) console.log(`${name}: ${says}`);
  if (trouble) console.log(trouble);
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  endAll();
  await mongodb?.stop?.();
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
