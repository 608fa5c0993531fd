import mongoose from 'mongoose';
import { CommandError } from '../command-line/program.js';
import { isDuplicateKey } from '../database/mongo-errors.js';
import { areAlike, batchesOf, type Fields, findSame, type StoredDocument, textOf } from './documents.js';
import { isDeleted, unchanged, wentOn } from './later-session.js';

type Collection = mongoose.mongo.Collection;
type Db = mongoose.mongo.Db;

/** A collection to copy, and a filter for its documents. */
export interface Part {
  readonly source: Db;
  readonly target: Db;
  readonly name: string;
  readonly filter: Fields;
}

const NAMED_CONFLICTS = 5;

/**
 * Creates all indexes of the source at the target, before anything is copied, so that they reveal conflicting
 * documents.
 */
export async function copyIndexes({ source, target, name }: Part): Promise<void> {
  const indexes = (await source.collection(name).indexes())
    .filter((index) => index.name !== '_id_')
    .map((index) =>
      Object.fromEntries(Object.entries(index).filter(([field]) => field !== 'v' && field !== 'ns')),
    );
  if (indexes.length === 0) return;
  try {
    await target.collection(name).createIndexes(indexes as mongoose.mongo.IndexDescription[]);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError)) throw error;
    throw new CommandError(
      `The target's ${name} can't have the source's indexes, so it holds other data: ${error.message}`,
    );
  }
}

/**
 * Copies the documents that the target lacks. It can be stopped at any point and run again: existing documents are
 * compared, and only sessions that have changed since are updated.
 *
 * @throws CommandError that names the conflicting documents of the target.
 */
export async function copyDocuments(part: Part, progress: (documents: number) => void): Promise<void> {
  const target = part.target.collection(part.name);
  for await (const batch of batchesOf(part.source.collection(part.name), part.filter)) {
    const there = await findSame(target, batch);
    await update(part, differing(batch, there));
    await insert(part, missing(batch, there));
    progress(batch.length);
  }
}

/**
 * A filter for the events to copy, without those of deleted sessions, which may still exist for some seconds.
 *
 * Call it after copying the sessions: the record of a deletion that was copied with them exists until its events are
 * gone.
 */
export async function eventsToCopy(source: Db): Promise<Fields> {
  const underWay = await source.collection<{ _id: string }>('deletions').find().toArray();
  const deleted = await source
    .collection('sessions')
    .find({ sessionId: { $in: underWay.map(({ _id }) => _id) }, deletedAt: { $exists: true } })
    .toArray();
  return deleted.length === 0
    ? {}
    : { sessionId: { $nin: deleted.map(({ sessionId }) => sessionId as string) } };
}

/** The result of comparing all documents of the source. */
export interface Comparison {
  readonly compared: number;
  readonly missing: number;
  readonly differing: number;
}

/** Reads all documents once more on both sides. */
export async function compareDocuments(
  { source, target, name, filter }: Part,
  progress: (documents: number) => void,
): Promise<Comparison> {
  const total = { compared: 0, missing: 0, differing: 0 };
  for await (const batch of batchesOf(source.collection(name), filter)) {
    const there = await findSame(target.collection(name), batch);
    total.compared += batch.length;
    total.missing += missing(batch, there).length;
    total.differing += differing(batch, there).length;
    progress(batch.length);
  }
  return total;
}

type Found = ReadonlyMap<string, StoredDocument>;

interface Difference {
  readonly wanted: StoredDocument;
  readonly there: StoredDocument;
}

function missing(batch: readonly StoredDocument[], there: Found): StoredDocument[] {
  return batch.filter(({ key }) => !there.has(key));
}

function differing(batch: readonly StoredDocument[], found: Found): Difference[] {
  return batch.flatMap((wanted) => {
    const there = found.get(wanted.key);
    return there && !areAlike(wanted, there) ? [{ wanted, there }] : [];
  });
}

async function update({ target, name }: Part, differences: readonly Difference[]): Promise<void> {
  const others = differences.filter(({ wanted, there }) => !wentOn(there.fields, wanted.fields));
  if (others.length > 0) {
    const conflicts = others.map(({ wanted }) => `the document with _id ${textOf(wanted.id)} differs`);
    throw inTheWay(name, conflicts, others.length);
  }
  const deleted = differences.filter(({ wanted }) => isDeleted(wanted.fields));
  const sessionIds = deleted.map(({ wanted }) => wanted.fields['sessionId'] as string);
  // First the events, then the session: if this is interrupted, the next run repeats it.
  if (deleted.length > 0) await target.collection('events').deleteMany({ sessionId: { $in: sessionIds } });
  for (const { wanted, there } of differences) {
    // A session that changes at the target at this moment is left alone; the comparison will report it.
    await target.collection(name).replaceOne(unchanged(there.fields), wanted.fields);
  }
}

async function insert(part: Part, documents: readonly StoredDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const target = part.target.collection(part.name);
  try {
    await target.insertMany(
      documents.map(({ fields }) => fields),
      { ordered: false },
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    // Another run of this command may have been faster. The keys of documents that are still missing are taken.
    const there = await findSame(target, documents);
    await update(part, differing(documents, there));
    const refused = missing(documents, there);
    if (refused.length > 0) throw inTheWay(part.name, await takenKeys(target, refused), refused.length);
  }
}

/** For each of the first documents, the unique key that another document has at the target. */
async function takenKeys(target: Collection, refused: readonly StoredDocument[]): Promise<string[]> {
  const uniqueKeys = (await target.indexes())
    .filter(({ unique }) => unique)
    .map(({ key }) => Object.keys(key));
  const named: string[] = [];
  for (const { fields } of refused.slice(0, NAMED_CONFLICTS)) {
    for (const key of uniqueKeys) {
      const values = Object.fromEntries(key.map((name) => [name, fields[name] as unknown]));
      const other = await target.findOne(values, { projection: { _id: 1 } });
      if (!other) continue;
      const words = Object.entries(values).map(([name, value]) => `${name} ${textOf(value)}`);
      named.push(`${words.join(', ')} belongs to another document (_id ${textOf(other._id)})`);
    }
  }
  return named;
}

function inTheWay(collection: string, conflicts: readonly string[], documents: number): CommandError {
  const lines = conflicts.slice(0, NAMED_CONFLICTS).map((conflict) => `  ${collection}: ${conflict}`);
  const more = documents > NAMED_CONFLICTS ? [`  ${documents - NAMED_CONFLICTS} more like these`] : [];
  const head = 'The target has documents that differ from the source. They were left unchanged:';
  return new CommandError([head, ...lines, ...more].join('\n'));
}
