import { resolve } from 'node:path';
import mongoose from 'mongoose';
import { CommandError, UsageError } from '../command-line/program.js';
import { completeUri, connectionOptions } from '../database/connection-options.js';
import { DirectoryInUseError, EmbeddedMongo } from 'embedded-mongo';

const { MongoClient, MongoParseError, MongoServerSelectionError } = mongoose.mongo;

/**
 * How long to look for a server, unless its URI has an option for it, and to wait for the replies of one that was
 * found.
 */
const SELECTION_MS = 5_000;
const ANSWER_MS = 120_000;

/** The source or the target of an export. */
export interface Endpoint {
  /** The name to show to the user. */
  readonly name: string;
  readonly db: mongoose.mongo.Db;
  close(): Promise<void>;
}

export function isUri(text: string): boolean {
  return /^mongodb(\+srv)?:\/\/./.test(text);
}

/** Opens the store in a directory or at a URI. @throws CommandError if there is none, or it is in use. */
export async function openSource(from: string): Promise<Endpoint> {
  if (isUri(from)) return connect('source', from);
  if (!EmbeddedMongo.isIn(from)) throw new CommandError(`There is no store in ${resolve(from)}.`);
  const store = await openDirectory(from);
  try {
    const inside = await connect('source', store.uri);
    return {
      name: resolve(from),
      db: inside.db,
      close: async () => {
        await inside.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openDirectory(path: string): Promise<EmbeddedMongo> {
  try {
    return await EmbeddedMongo.open({
      path,
      log: (line) => {
        console.error(line);
      },
    });
  } catch (error) {
    if (!(error instanceof DirectoryInUseError)) throw error;
    const uri = EmbeddedMongo.uriIn(path) ?? 'the URI it showed at its start';
    throw new CommandError(
      `${error.message}\nStop that process first, or export from it while it runs: --from '${uri}'`,
    );
  }
}

/** Connects to the database that the URI names; by default to the service's own. */
export async function connect(role: 'source' | 'target', uri: string): Promise<Endpoint> {
  const name = withoutPassword(uri);
  try {
    const timeouts = { serverSelectionTimeoutMS: SELECTION_MS, connectTimeoutMS: SELECTION_MS };
    const options = /[?&]serverSelectionTimeoutMS=/i.test(uri) ? {} : timeouts;
    const client = new MongoClient(completeUri(uri, ANSWER_MS), options);
    const db = client.db(connectionOptions(uri).dbName);
    try {
      await db.command({ ping: 1 });
    } catch (error) {
      await client.close();
      throw error;
    }
    return { name, db, close: () => client.close() };
  } catch (error) {
    if (!(error instanceof mongoose.mongo.MongoError)) throw error;
    if (error instanceof MongoParseError)
      throw new UsageError(`${name} is not a MongoDB URI: ${error.message}.`);
    const what = error instanceof MongoServerSelectionError ? "can't be reached" : "can't be used";
    throw new CommandError(`The ${role} ${name} ${what}: ${error.message}.`);
  }
}

/** The URI without its password, for messages. */
function withoutPassword(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/@:]*):[^/@]*@/, '$1:***@');
}
