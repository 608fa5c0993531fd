import { type Document, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { findTargets } from '../query/modify.js';
import type { Command } from './command.js';
import { checkStatements } from './insert.js';
import { checkStatement, documentIn } from './update.js';
import { collectErrors, withErrors } from './write-errors.js';

/** `delete` is a word of the language. */
export const deleteCommand: Command = {
  fields: ['deletes', 'ordered'],
  async run({ store, args }) {
    const { namespace } = args;
    const statements = args.list('deletes');
    checkStatements(statements.length);
    for (const statement of statements) checkDelete(statement);
    return store.write(() => {
      let n = 0;
      const errors = collectErrors(statements, args.flag('ordered', true), (statement) => {
        const filter = documentIn(statement, 'q');
        const multi = toNumber(statement.get('limit')) === 0;
        const collection = store.get(namespace);
        if (!collection) return;
        const targets = findTargets(store, collection, {
          filter,
          hint: statement.get('hint'),
          multi,
        });
        for (const { recordId, document } of targets) collection.remove(recordId, document);
        n += targets.length;
      });
      return withErrors({ n }, errors);
    });
  },
};

function checkDelete(statement: Document): void {
  checkStatement('delete.deletes', statement, ['q', 'limit', 'hint', 'collation'], ['q', 'limit']);
  const limit = toNumber(statement.get('limit'));
  if (limit !== 0 && limit !== 1) {
    throw new MongoError(
      'FailedToParse',
      `The limit field in delete objects must be 0 or 1. Got ${limit ?? 'none'}`,
    );
  }
}
