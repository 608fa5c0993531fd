import mongoose from 'mongoose';
import { CommandError } from '../command-line/program.js';
import { areAlike, batchesOf, type Fields, findSame, type StoredDocument, textOf } from './documents.js';
import { isDeleted, unchanged, wentOn } from './later-session.js';

type Collection = mongoose.mongo.Collection;
type Db = mongoose.mongo.Db;

/** A collection that is copied, and which documents of it: the others are passed over. */
export interface Part {
  readonly source: Db;
  readonly target: Db;
  readonly name: string;
  readonly filter: Fields;
}

const DUPLICATE_KEY = 11000;
const NAMED_CONFLICTS = 5;

/** Gives the target every index of the source, before there is anything to copy: they find what is in the way. */
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
 * Copies what the target does not have. It may stop at any point and be run again: what is there already is compared,
 * and only sessions that have gone on since are changed.
 *
 * @throws CommandError that names what of the target is in the way.
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
 * The events that are to be copied: those of a deleted session may still be there for some seconds, and are not.
 *
 * To be asked for after the sessions were copied: a deletion that came with them is written down until its events are gone.
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

/** What a comparison of all documents of the source found. */
export interface Comparison {
  readonly compared: number;
  readonly missing: number;
  readonly differing: number;
}

/** Reads everything once more, on both sides. */
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
    const conflicts = others.map(({ wanted }) => `the document with _id ${textOf(wanted.id)} is another one`);
    throw inTheWay(name, conflicts, others.length);
  }
  const deleted = differences.filter(({ wanted }) => isDeleted(wanted.fields));
  const sessionIds = deleted.map(({ wanted }) => wanted.fields['sessionId'] as string);
  // Before what tells of it: a run that is stopped here does it again.
  if (deleted.length > 0) await target.collection('events').deleteMany({ sessionId: { $in: sessionIds } });
  for (const { wanted, there } of differences) {
    // A session that goes on at the target in this instant stays as it is; the comparison will tell.
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
    if (!(error instanceof mongoose.mongo.MongoBulkWriteError) || error.code !== DUPLICATE_KEY) throw error;
    // Another run of this command may have been faster; what is missing even so has its keys taken.
    const there = await findSame(target, documents);
    await update(part, differing(documents, there));
    const refused = missing(documents, there);
    if (refused.length > 0) throw inTheWay(part.name, await takenKeys(target, refused), refused.length);
  }
}

/** For each of the first documents the unique key under which the target has another one. */
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
  const head = 'The target holds other data than the source. They were left as they are:';
  return new CommandError([head, ...lines, ...more].join('\n'));
}
