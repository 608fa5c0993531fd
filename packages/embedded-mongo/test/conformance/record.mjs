// Runs the cases on a store and shows where its replies differ from the recorded ones:
// node test/store/conformance/record.mjs mongodb://host:port [--write] [--theme NAME] [--name PART]
// With --write the replies are recorded, except for cases in which this store is known to differ.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import mongoose from 'mongoose';
import { readThemes, reasonToSkip } from './case-files.mjs';
import { expectationOf, runCase } from './run-case.mjs';
import { storeKind } from './store-kind.mjs';

const [uri, ...options] = process.argv.slice(2);
if (!uri?.startsWith('mongodb')) {
  console.error('usage: node record.mjs mongodb://host:port [--write] [--theme NAME] [--name PART]');
  process.exit(2);
}
const valueOf = (option) => (options.includes(option) ? options[options.indexOf(option) + 1] : undefined);
const isWriting = options.includes('--write');
const isWanted = (testCase) => testCase.name.includes(valueOf('--name') ?? '');

const client = new mongoose.mongo.MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
await client.connect();
const kind = await storeKind(client);
const databaseName = `conformance_${process.pid}`;
const tally = { same: 0, different: 0, skipped: 0 };

try {
  for (const { theme, url, cases } of readThemes()) {
    if ((valueOf('--theme') ?? theme) !== theme) continue;
    for (const testCase of cases.filter(isWanted)) await compare(theme, testCase);
    if (isWriting) save(url, cases);
  }
} finally {
  await client.db(databaseName).dropDatabase();
  await client.close();
}
console.log(
  `${kind.name}: ${tally.same} same, ${tally.different} different, ${tally.skipped} known to differ`,
);
process.exitCode = tally.different > 0 && !isWriting ? 1 : 0;

/** Runs a case, shows a difference, and adopts the reply (in memory: `save` writes it). */
async function compare(theme, testCase) {
  const title = `- ${theme} › ${testCase.name}`;
  const reason = reasonToSkip(testCase, kind);
  const expected = testCase.expect && expectationOf(testCase);
  const got = await runCase(client, databaseName, testCase).catch(({ message }) => ({ failed: message }));
  if (JSON.stringify(expected) === JSON.stringify(got)) {
    tally.same += 1;
    if (reason) console.log(`${title}\n  differs no longer: ${reason}`);
    return;
  }
  if (expected && reason) {
    tally.skipped += 1;
    console.log(`${title}\n  known to differ: ${reason}`);
    return;
  }
  tally.different += 1;
  console.log(title);
  if (expected) console.log(`  expected ${JSON.stringify(expected)}`);
  console.log(`  got      ${JSON.stringify(got)}`);
  if (got.failed) return;
  for (const name of ['expect', 'then']) delete testCase[name];
  Object.assign(testCase, got);
}

function save(url, cases) {
  writeFileSync(url, JSON.stringify(cases));
  execFileSync('npm', ['run', '--silent', 'format', '--', fileURLToPath(url)]);
}
