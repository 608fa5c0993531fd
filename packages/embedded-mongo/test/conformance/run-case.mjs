// Runs a case of the suite on a store, and returns the result in the cases' JSON format.
import { fromJson, toJson } from './ejson.mjs';
import { normaliseAnswer, normaliseDocuments, normaliseError, normaliseIndex } from './normalise.mjs';

/** Makes the driver return values as sent: no Long becomes a number, no BSON regular expression a JavaScript one. */
const AS_SENT = { promoteValues: false, bsonRegExp: true };

let collectionsMade = 0;

/** Runs one case in a collection of its own; returns the store's `{ expect, then }`. */
export async function runCase(client, databaseName, testCase) {
  const place = { database: databaseName, collection: `case_${++collectionsMade}` };
  const database = client.db(databaseName);
  await prepare(database, place.collection, testCase.given ?? {});
  const expect = await runCommands(client, place, testCase);
  const then = testCase.then === undefined ? undefined : await contentsOf(database, place.collection);
  return nameless(toJson({ expect, ...(then && { then }) }), place);
}

/** The case's expectation in the form of `runCase`, however its JSON is written. */
export function expectationOf({ expect, then }) {
  return toJson(fromJson({ expect, ...(then && { then }) }));
}

/** Creates the indexes of a case and then its documents, so that unique indexes apply from the start. */
async function prepare(database, collection, { documents = [], indexes = [] }) {
  if (indexes.length > 0) await database.command({ createIndexes: collection, indexes: fromJson(indexes) });
  if (documents.length === 0) return;
  const { writeErrors } = await database.command({ insert: collection, documents: fromJson(documents) });
  if (writeErrors) throw new Error(`the case's documents were refused: ${JSON.stringify(writeErrors)}`);
}

async function runCommands(client, place, { run, admin = false, keep }) {
  const database = client.db(admin ? 'admin' : place.database);
  const answers = [];
  for (const json of run) {
    const command = fill(fromJson(json), place);
    try {
      const answer = await database.command(command, AS_SENT);
      if (answer.cursor) place.cursor = answer.cursor.id;
      const normal = normaliseAnswer(answer, { keep });
      answers.push('listIndexes' in command ? withNormalIndexes(normal) : normal);
    } catch (error) {
      if (!error.errorResponse) throw error;
      answers.push(normaliseError(error.errorResponse));
    }
  }
  return answers;
}

function withNormalIndexes({ cursor, ...answer }) {
  return { ...answer, cursor: { ...cursor, firstBatch: cursor.firstBatch.map(normaliseIndex) } };
}

/** Puts the names of the case's place, and the cursor opened last, where the command has their placeholders. */
function fill(value, place) {
  if (value === '$collection') return place.collection;
  if (value === '$database') return place.database;
  if (value === '$cursor') return place.cursor;
  if (Array.isArray(value)) return value.map((item) => fill(item, place));
  if (value === null || typeof value !== 'object' || value._bsontype || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, fill(field, place)]));
}

/** Restores the placeholders where a reply names the case's collection or database. */
function nameless(json, { collection, database }) {
  const text = JSON.stringify(json)
    .replaceAll(`"${collection}"`, '"$collection"')
    .replaceAll(`"${database}"`, '"$database"');
  return JSON.parse(text);
}

/** All documents of the collection, by id. */
async function contentsOf(database, collection) {
  const documents = await database.collection(collection).find({}, AS_SENT).sort({ _id: 1 }).toArray();
  return normaliseDocuments(documents);
}
