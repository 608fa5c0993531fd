import mongoose from 'mongoose';
import { readOptions } from '../command-line/options.js';
import { CommandError, runProgram, stopOnSignal, UsageError } from '../command-line/program.js';
import { format, Progress } from '../command-line/progress.js';
import { EmbeddedMongoError } from 'embedded-mongo';
import { compareDocuments, copyDocuments, copyIndexes, eventsToCopy, type Part } from './copy.js';
import { connect, type Endpoint, isUri, openSource } from './endpoints.js';

const USAGE = `Usage: npm run store:export -- --to URI [--from DIRECTORY|URI]

Copies all sessions and events into a MongoDB. It can be run again at any time: it continues where it was stopped.
  --to    the MongoDB to copy to; without a database in the URI, to "conversations"
  --from  the directory of an embedded store that is not in use, or the URI of a running one (./data)`;

const EVENTS = 'events';
/** In the order of copying: which sessions are deleted decides which events to copy. */
const COLLECTIONS = ['sessions', EVENTS];
const AGAIN = 'Run the same command again: it continues where it stopped.';

await runProgram(USAGE, async () => {
  const { to, from = './data' } = readOptions('to', 'from');
  if (to === undefined) throw new UsageError('--to is missing: the URI of the MongoDB to copy to.');
  if (!isUri(to)) throw new UsageError('--to must begin with mongodb:// or mongodb+srv://.');
  stopOnSignal(AGAIN); // the next run continues from here
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
}, [EmbeddedMongoError]);

async function exportAll(source: Endpoint, target: Endpoint): Promise<void> {
  console.log(`From ${source.name}, database ${source.db.databaseName}`);
  console.log(`To ${target.name}, database ${target.db.databaseName}`);
  const names = await collectionsOf(source);
  try {
    const parts = names.map((name) => ({ source: source.db, target: target.db, name, filter: {} }));
    for (const part of parts) await copyIndexes(part);
    for (const part of parts) {
      if (part.name === EVENTS) part.filter = await eventsToCopy(source.db);
      await pass('Copying', part, copyDocuments);
    }
    const reports = [];
    for (const part of parts) reports.push(await check(part));
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

type Work<T> = (part: Part, progress: (documents: number) => void) => Promise<T>;

/** Processes a collection once, and shows the progress. */
async function pass<T>(doing: string, part: Part, work: Work<T>): Promise<T> {
  const total = await part.source.collection(part.name).estimatedDocumentCount();
  const progress = new Progress(`${doing} ${part.name}`, total);
  const result = await work(part, (documents) => {
    progress.add(documents);
  });
  progress.end();
  return result;
}

/** Compares every document of the source with the target's once more. */
async function check(part: Part): Promise<string> {
  const { compared, missing, differing } = await pass('Checking', part, compareDocuments);
  if (missing + differing > 0) {
    throw new CommandError(
      `Of ${format(compared)} ${part.name}, the target lacks ${format(missing)} and differs in ${format(differing)}: ` +
        `the source or the target was written to meanwhile. ${AGAIN}`,
    );
  }
  const all = await part.target.collection(part.name).countDocuments();
  return `${part.name}: all ${format(compared)} are at the target, with the same content (it holds ${format(all)})`;
}
