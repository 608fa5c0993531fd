// The store of the tour: a database of its own in a MongoDB where there is one, else the embedded store.
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';

const LOCAL = 'mongodb://localhost:27017/?directConnection=true';
const FIND_MS = 500;

/**
 * The store that MONGODB_URI names, else a MongoDB on localhost:27017, else (without `uri`) the embedded one.
 *
 * @returns `{ uri, about, isNamed, database, drop }`; `drop` removes the tour's database.
 */
export async function findStore({ MONGODB_URI: named }) {
  const database = `conversation_demo_${randomBytes(4).toString('hex')}`;
  const [, server, given, query] = /^([^/]+\/\/[^/?]+)\/?([^?]*)\??(.*)$/.exec(named || LOCAL) ?? [];
  const parameters = new URLSearchParams(query);
  // Who logs in, still does so at the database that the URI names.
  if (given && server.includes('@') && !parameters.has('authSource')) parameters.set('authSource', given);
  const uri = `${server}/${database}?${parameters}`;
  if (!named && !(await isOpen(uri))) {
    return { about: { store: 'embedded, in a temporary directory' }, drop: async () => undefined };
  }
  return {
    uri,
    about: {
      store: `${server.replace(/\/\/.*@/, '//')}${named ? ', as MONGODB_URI says' : ''}`,
      database: `${database}, which is dropped at the end`,
    },
    database,
    isNamed: Boolean(named),
    drop: () => withDatabase(uri, {}, (own) => own.dropDatabase()),
  };
}

/** Whether a server answers that asks for no credentials. */
function isOpen(uri) {
  const options = { serverSelectionTimeoutMS: FIND_MS, connectTimeoutMS: FIND_MS, socketTimeoutMS: FIND_MS };
  const listing = withDatabase(uri, options, (database) => database.command({ listCollections: 1 }));
  return listing.then(() => true, () => false); // oxfmt-ignore
}

async function withDatabase(uri, options, work) {
  const client = new mongoose.mongo.MongoClient(uri, options);
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}
