import { type Connection } from 'mongoose';
import { ConfigError } from '../config/load-config.js';

/**
 * The format of what this version stores. It changes when an older version would misread it, or when what is stored has to
 * be brought up to date once.
 *
 * 1: without a stamp. 2: deleted sessions leave empty places in their logs; numbers and booleans can be filtered by.
 */
export const FORMAT = 2;

const ID = 'format';

interface Stamp {
  readonly _id: string;
  readonly version: number;
}

/** The format that the store was last stamped with; 1 if it never was. */
export async function readFormat(connection: Connection): Promise<number> {
  const stamp = await connection.collection<Stamp>('meta').findOne({ _id: ID });
  return stamp?.version ?? 1;
}

/** Stamps the store with the format of this version. Call it when everything in the store has that format. */
export async function stampFormat(connection: Connection): Promise<void> {
  const stamps = connection.collection<Stamp>('meta');
  const change = { $set: { version: FORMAT } };
  const { matchedCount } = await stamps.updateOne({ _id: ID }, change);
  if (matchedCount > 0) return;
  await stamps.insertOne({ _id: ID, version: FORMAT }).catch(() => stamps.updateOne({ _id: ID }, change));
}

/** @throws ConfigError if the store was written by a newer version, which this one would misread. */
export async function refuseNewerFormat(connection: Connection): Promise<void> {
  const version = await readFormat(connection);
  if (version <= FORMAT) return;
  throw new ConfigError(
    `The store was written by a newer version (format ${version}, this one reads up to ${FORMAT}). Start that version, or restore a backup from before it.`,
  );
}
