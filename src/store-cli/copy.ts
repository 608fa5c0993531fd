import mongoose from 'mongoose';
import { canMove, SESSION_STATUSES, type SessionStatus } from '../modules/session/session-status.js';
import { CommandError } from './command-line.js';
import {
  areAlike,
  batchesOf,
  type Fields,
  findSame,
  haveSameFields,
  type StoredDocument,
  textOf,
} from './documents.js';

type Collection = mongoose.mongo.Collection;

const DUPLICATE_KEY = 11000;
const NAMED_CONFLICTS = 5;

/** Gives the target every index of the source, before there is anything to copy: they find what is in the way. */
export async function copyIndexes(source: Collection, target: Collection): Promise<void> {
  const indexes = (await source.indexes())
    .filter(({ name }) => name !== '_id_')
    .map((index) =>
      Object.fromEntries(Object.entries(index).filter(([field]) => field !== 'v' && field !== 'ns')),
    );
  if (indexes.length === 0) return;
  try {
    await target.createIndexes(indexes as mongoose.mongo.IndexDescription[]);
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoServerError)) throw error;
    throw new CommandError(
      `The target's ${target.collectionName} can't have the source's indexes, so it holds other data: ${error.message}`,
    );
  }
}

/**
 * Copies what the target does not have. It may stop at any point and be run again: what is there already is compared,
 * and only sessions that have gone on since are changed.
 *
 * @throws CommandError that names what of the target is in the way.
 */
export async function copyDocuments(
  source: Collection,
  target: Collection,
  progress: (documents: number) => void,
): Promise<void> {
  for await (const batch of batchesOf(source)) {
    const there = await findSame(target, batch);
    await update(target, differing(batch, there));
    await insert(target, missing(batch, there));
    progress(batch.length);
  }
}

/** What a comparison of all documents of the source found. */
export interface Comparison {
  readonly compared: number;
  readonly missing: number;
  readonly differing: number;
}

/** Reads everything once more, on both sides. */
export async function compareDocuments(
  source: Collection,
  target: Collection,
  progress: (documents: number) => void,
): Promise<Comparison> {
  const total = { compared: 0, missing: 0, differing: 0 };
  for await (const batch of batchesOf(source)) {
    const there = await findSame(target, batch);
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

async function update(target: Collection, differences: readonly Difference[]): Promise<void> {
  const others = differences.filter(({ wanted, there }) => !wentOn(there.fields, wanted.fields));
  if (others.length > 0) {
    throw inTheWay(
      target,
      others.map(({ wanted }) => `the document with _id ${textOf(wanted.id)} is another one`),
      others.length,
    );
  }
  for (const { wanted, there } of differences) {
    // The old status in the filter: a session that ends at the target in this instant keeps its end.
    const before: Fields = { _id: wanted.id, status: there.fields['status'] as unknown };
    await target.updateOne(before, { $set: lifeOf(wanted.fields) });
  }
}

/** The fields of a session that change. */
function lifeOf(session: Fields): Fields {
  const names = ['status', 'endedAt', 'finalSequence'];
  return Object.fromEntries(names.map((name) => [name, session[name] as unknown]));
}

/** Whether `after` is the session `before` at a later time: it was copied, and the service went on. */
function wentOn(before: Fields, after: Fields): boolean {
  const [from, to] = [before['status'], after['status']] as unknown[];
  if (!isStatus(from) || !isStatus(to) || !canMove(from, to)) return false;
  return haveSameFields({ ...before, ...lifeOf(after) }, after);
}

function isStatus(value: unknown): value is SessionStatus {
  return SESSION_STATUSES.some((status) => status === value);
}

async function insert(target: Collection, documents: readonly StoredDocument[]): Promise<void> {
  if (documents.length === 0) return;
  try {
    await target.insertMany(
      documents.map(({ fields }) => fields),
      { ordered: false },
    );
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoBulkWriteError) || error.code !== DUPLICATE_KEY) throw error;
    // Another run of this command may have been faster; what is missing even so has its keys taken.
    const there = await findSame(target, documents);
    await update(target, differing(documents, there));
    const refused = missing(documents, there);
    if (refused.length > 0) throw inTheWay(target, await takenKeys(target, refused), refused.length);
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

function inTheWay(target: Collection, conflicts: readonly string[], documents: number): CommandError {
  const lines = conflicts
    .slice(0, NAMED_CONFLICTS)
    .map((conflict) => `  ${target.collectionName}: ${conflict}`);
  const more = documents > NAMED_CONFLICTS ? [`  ${documents - NAMED_CONFLICTS} more like these`] : [];
  const head = 'The target holds other data than the source. They were left as they are:';
  return new CommandError([head, ...lines, ...more].join('\n'));
}
