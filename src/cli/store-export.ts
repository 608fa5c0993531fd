import { resolve } from 'node:path';
import mongoose from 'mongoose';
import { completeUri, connectionOptions } from '../database/connection-options.js';
import { EmbeddedMongo } from 'embedded-mongo';
import { CommandError, count, runCommand, showProgress, UsageError } from './command.js';

const { BSON, MongoClient } = mongoose.mongo;
type Collection = mongoose.mongo.Collection;
type Db = mongoose.mongo.Db;

/** How long to wait for a server, and for each of its replies. */
const TIMEOUT_MS = 30_000;

/** Documents that are copied in one round trip, at most; and no more than the store sends at once, some 16 MiB. */
const CHUNK = 1000;

await runCommand({
  usage: `Usage: npm run store:export -- --to URI [--from DIRECTORY]

Copies everything in an embedded store that is not in use into a MongoDB. It can be run again at any time: it goes on
where it was stopped. What the MongoDB has already is compared, and stays as it is.
  --to    the MongoDB to copy to; without a database in the URI, to "conversations"
  --from  the directory of the embedded store (./data)`,
  options: { to: { type: 'string' }, from: { type: 'string', default: './data' } },
  async run({ to, from }) {
    if (to === undefined || !/^mongodb(\+srv)?:\/\/./.test(to)) {
      throw new UsageError('--to must be the URI of a MongoDB: mongodb://… or mongodb+srv://…');
    }
    if (!EmbeddedMongo.isIn(from)) throw new CommandError(`There is no store in ${resolve(from)}.`);
    const target = new MongoClient(completeUri(to, TIMEOUT_MS));
    const store = await EmbeddedMongo.open({ path: from, log: console.error });
    const source = new MongoClient(completeUri(store.uri, TIMEOUT_MS));
    try {
      await copyAll(source.db(connectionOptions(store.uri).dbName), target.db(connectionOptions(to).dbName));
    } finally {
      await Promise.all([source.close(), target.close()]);
      await store.close();
    }
  },
});

/** Copies every collection: sessions, events, and what the service notes beside them. */
async function copyAll(source: Db, target: Db): Promise<void> {
  const names = (await source.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  for (const name of names) await copyIndexes(source.collection(name), target.collection(name));
  for (const name of names) {
    const { copied, there } = await copy(source.collection(name), target.collection(name));
    const holds = await target.collection(name).estimatedDocumentCount();
    const summary = `${name}: ${count(copied)} copied, ${count(there)} were there; the target holds ${count(holds)}`;
    if (holds < copied + there) throw new CommandError(`${summary}: something else deletes there`);
    console.log(summary);
  }
}

/** Before anything is copied, so that the unique ones refuse what other data at the target would contradict. */
async function copyIndexes(source: Collection, target: Collection): Promise<void> {
  const indexes = (await source.indexes()).filter(({ name }) => name !== '_id_');
  const specs = indexes.map(({ key, name = '', unique = false }) => ({ key, name, unique }));
  if (specs.length > 0) await target.createIndexes(specs);
}

/** Inserts the documents that the target lacks. @throws CommandError where one that it has is another one. */
async function copy(source: Collection, target: Collection) {
  const total = { copied: 0, there: 0 };
  const done = showProgress(`Copying ${source.collectionName}`, await source.estimatedDocumentCount());
  const cursor = source.find({}, { raw: true, batchSize: CHUNK });
  while (await cursor.hasNext()) {
    const chunk = cursor.readBufferedDocuments().map(read);
    const ids = chunk.map(({ fields }) => fields['_id'] as unknown);
    const there = await target.find({ _id: { $in: ids } } as object, { raw: true }).toArray();
    const found = new Map(there.map(read).map(({ id, bytes }) => [id, bytes]));
    const other = chunk.find(({ id, bytes }) => Buffer.compare(found.get(id) ?? bytes, bytes) !== 0);
    if (other) {
      const name = `${target.collectionName}: the target holds another document ${other.id}`;
      throw new CommandError(`${name}. Name an empty database.`);
    }
    const missing = chunk.filter(({ id }) => !found.has(id)).map(({ fields }) => fields);
    if (missing.length > 0) await target.insertMany(missing);
    total.copied += missing.length;
    total.there += there.length;
    done(chunk.length);
  }
  return total;
}

/** With `raw` the driver returns bytes, whatever its types say. Without promotion, all BSON types stay as they are. */
function read(raw: unknown) {
  const bytes = raw as Uint8Array;
  const fields = BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true });
  return { id: BSON.EJSON.stringify(fields['_id']), fields, bytes };
}
