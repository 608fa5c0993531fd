// Finds the store for the tour.

import { randomBytes } from 'node:crypto';
import { runCommands } from './wire.mjs';

const LOCAL = { host: 'localhost', port: 27017 };
const ANSWER_MS = 1000;

/**
 * `MONGODB_URI` if it is set, otherwise a MongoDB on localhost:27017, otherwise the embedded store.
 *
 * @returns `{ uri, name, note, cleanUp }`; for the embedded store, without `uri`.
 */
export async function findStore(environment) {
  const given = environment.MONGODB_URI;
  if (given) {
    return {
      uri: given,
      name: `MongoDB, ${withoutCredentials(given)}`,
      note: 'Named by MONGODB_URI. The sessions of this tour, demo-…, stay in its database.',
    };
  }
  const database = `conversation_demo_${randomBytes(4).toString('hex')}`;
  const [isThere, isOpen] = await runCommands(
    LOCAL,
    [
      { hello: 1, $db: 'admin' },
      { listCollections: 1, $db: database }, // fails if it requires credentials
    ],
    ANSWER_MS,
  ).catch(() => [false]);
  if (isThere && isOpen) {
    return {
      uri: `mongodb://localhost:27017/${database}?directConnection=true`,
      name: `MongoDB on localhost:27017, database ${database}`,
      note: 'The database is the tour’s own, and dropped at the end. Nothing else is touched.',
      cleanUp: () => runCommands(LOCAL, [{ dropDatabase: 1, $db: database }], 5 * ANSWER_MS),
    };
  }
  return {
    name: 'the embedded store, in a temporary directory',
    note: isThere
      ? 'The MongoDB on localhost:27017 wants credentials: set MONGODB_URI to use it.'
      : 'MONGODB_URI is not set, and no MongoDB answers on localhost:27017.',
  };
}

function withoutCredentials(uri) {
  return uri.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');
}
