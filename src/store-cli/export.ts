import mongoose from 'mongoose';
import { CommandError, readOptions, runProgram, stopOnSignal, UsageError } from './command-line.js';
import { type Comparison, compareDocuments, copyDocuments, copyIndexes } from './copy.js';
import { connect, type Endpoint, isUri, openSource } from './endpoints.js';
import { format, Progress } from './progress.js';

const USAGE = `Usage: npm run store:export -- --to URI [--from DIRECTORY|URI]

Copies all sessions and events into a MongoDB. It can be run again at any time: it goes on where it was stopped.
  --to    the MongoDB to copy to; without a database in the URI, to "conversations"
  --from  the directory of an embedded store that is not in use, or the URI of a running one (./data)`;

const COLLECTIONS = ['sessions', 'events'];
const AGAIN = 'Run the same command again: it goes on where it stopped.';

await runProgram(USAGE, async () => {
  const { to, from = './data' } = readOptions('to', 'from');
  if (to === undefined) throw new UsageError('--to is missing: the URI of the MongoDB to copy to.');
  if (!isUri(to)) throw new UsageError('--to must begin with mongodb:// or mongodb+srv://.');
  stopOnSignal(AGAIN); // the next run finds what this one has done
  const source = await openSource(from);
  try {
    const target = await connect('target', to);
    try {
      await exportAll(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
});

async function exportAll(source: Endpoint, target: Endpoint): Promise<void> {
  console.log(`From ${source.name}, database ${source.db.databaseName}`);
  console.log(`To ${target.name}, database ${target.db.databaseName}`);
  const names = await collectionsOf(source);
  try {
    for (const name of names) await copyIndexes(source.db.collection(name), target.db.collection(name));
    for (const name of names) await pass('Copying', name, source, target, copyDocuments);
    const reports = [];
    for (const name of names) reports.push(await check(name, source, target));
    console.log(reports.join('\n'));
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoError) throw new CommandError(`${error.message}\n${AGAIN}`);
    throw error;
  }
}

async function collectionsOf(source: Endpoint): Promise<string[]> {
  const known = await source.db.listCollections({}, { nameOnly: true }).toArray();
  const names = COLLECTIONS.filter((name) => known.some((collection) => collection.name === name));
  if (names.length > 0) return names;
  throw new CommandError(
    `${source.name} holds neither sessions nor events in the database ${source.db.databaseName}.`,
  );
}

type Work<T> = (
  source: mongoose.mongo.Collection,
  target: mongoose.mongo.Collection,
  progress: (documents: number) => void,
) => Promise<T>;

/** Goes through a collection once, and tells how far it is. */
async function pass<T>(
  doing: string,
  name: string,
  source: Endpoint,
  target: Endpoint,
  work: Work<T>,
): Promise<T> {
  const from = source.db.collection(name);
  const progress = new Progress(`${doing} ${name}`, await from.estimatedDocumentCount());
  const result = await work(from, target.db.collection(name), (documents) => {
    progress.add(documents);
  });
  progress.end();
  return result;
}

/** The last word: every document of the source once more beside the target's. */
async function check(name: string, source: Endpoint, target: Endpoint): Promise<string> {
  const found: Comparison = await pass('Checking', name, source, target, compareDocuments);
  const { compared, missing, differing } = found;
  if (missing + differing > 0) {
    throw new CommandError(
      `Of ${format(compared)} ${name}, the target lacks ${format(missing)} and has ${format(differing)} otherwise: ` +
        `the source or the target was written to meanwhile. ${AGAIN}`,
    );
  }
  const all = await target.db.collection(name).countDocuments();
  return `${name}: all ${format(compared)} are at the target, with the same content (it holds ${format(all)})`;
}
