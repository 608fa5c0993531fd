import { MongoError } from '../errors.js';
import { withId } from '../storage/collection.js';
import type { Command } from './command.js';
import { BsonError } from '../bson/elements.js';
import { collectErrors, withErrors } from './write-errors.js';

const MAX_STATEMENTS = 100_000;

export const insert: Command = {
  fields: ['documents', 'ordered', 'bypassDocumentValidation'],
  async run({ store, args }) {
    const { namespace } = args;
    const documents = args.rawList('documents');
    checkStatements(documents.length);
    const ready = documents.map(makeReady);
    return store.write(() => {
      const collection = store.create(namespace);
      let n = 0;
      const writeErrors = collectErrors(ready, args.flag('ordered', true), (document) => {
        if (document instanceof Error) throw document;
        collection.insert(document);
        n++;
      });
      return withErrors({ n }, writeErrors);
    });
  },
};

/** Everything that needs no transaction is done before it. */
function makeReady(document: Buffer): Buffer | MongoError {
  try {
    return withId(document);
  } catch (error) {
    if (error instanceof MongoError) return error;
    if (error instanceof BsonError) return new MongoError('InvalidBSON', error.message);
    throw error;
  }
}

export function checkStatements(count: number): void {
  if (count < 1 || count > MAX_STATEMENTS) {
    throw new MongoError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${count} operations.`,
    );
  }
}
