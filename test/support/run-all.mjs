// Builds, checks, and runs every suite on every store that can be had. Ends with one line: `N passed, N failed`.
// Usage: ./run-tests.sh [--quick]

import { readFileSync } from 'node:fs';
import process from 'node:process';
import { findMongoDB } from './find-mongodb.mjs';
import { check, endAll, suites } from './run-job.mjs';

const quick = process.argv.includes('--quick');

/** What needs no build: it runs the sources in the process of the test. */
const QUICK = ['--testPathPatterns', '/src/', '/test/e2e/'];

/** What mostly waits, for faults to strike and attackers to leave: beside the others, one after the other. */
const GUARANTEES = ['--testMatch', '**/guarantees.faults.ts', '--runInBand'];
const HOSTILE = '/test/hostile/';

/** What measures seconds: by itself, when all the others are done. */
const MEASURING = [
  ...['--testMatch', '**/*.faults.ts', '--runInBand'],
  ...['--testPathIgnorePatterns', 'guarantees.faults.ts'],
];

/** The suites that speak to a store: all but those of the embedded store's own insides, and of what is described. */
const ON_ANY_STORE = [
  ...['--testPathPatterns', '/test/'],
  ...['--testPathIgnorePatterns', '/test/store/(?!conformance/)', '/test/openapi/', HOSTILE],
];

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
  await Promise.all([checks(), run(suites('Units and endpoints', QUICK))]);
}

/** Two cores have something to do all the time, until it comes to what measures. */
async function runAll() {
  const onBuild = { GUARANTEES_DIST: 'dist' }; // by themselves, those suites would build it once more
  const built = run(check('build'));
  await Promise.all([
    checks({ after: built, lint: ['--', '--no-cache'] }).then(() =>
      run(suites('Tests on the embedded store', ['--testPathIgnorePatterns', HOSTILE], onBuild)),
    ),
    built
      .then(() => run(suites('Guarantees', GUARANTEES, { ...onBuild, beside: true })))
      .then(() =>
        run(
          suites(
            'Hostile surroundings',
            ['--testPathPatterns', HOSTILE, '--runInBand', '--passWithNoTests'],
            {
              ...onBuild,
              beside: true,
            },
          ),
        ),
      ),
  ]);
  await run(suites('Faults', MEASURING, onBuild));
  mongodb = await findMongoDB();
  if (mongodb.uri)
    await run(
      suites(`Tests on ${mongodb.name}`, ON_ANY_STORE, { ...onBuild, TEST_MONGODB_URI: mongodb.uri }),
    );
  else results.push({ name: 'MongoDB', says: `not run: ${mongodb.missing}` });
}

/**
 * The parts of `npm run check`: the longest, the lint, beside the others. Its cache knows a file by its own text, and so
 * may not see what a change elsewhere makes of its types: good enough for a quick run.
 */
async function checks({ after = Promise.resolve(), lint = [] } = {}) {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  const names = [...scripts.check.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  await Promise.all([
    run(check('lint', lint)),
    after.then(async () => {
      for (const name of names) if (name !== 'lint') await run(check(name));
    }),
  ]);
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
