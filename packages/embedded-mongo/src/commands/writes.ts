import { decode, type Document, isDocument, isTruthy, toNumber } from '../bson/documents.js';
import { BsonError } from '../bson/elements.js';
import { MongoError, unsupported } from '../errors.js';
import { find, type Found, type Query } from '../query/scan.js';
import { compileUpdate, type Update } from '../query/update.js';
import { withId } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import type { Arguments, Commands } from './command.js';

export const writes: Commands = {
  insert: {
    fields: ['documents', 'ordered'],
    run({ store, args }) {
      const { namespace, documents } = args;
      return store.write(() => {
        const collection = store.create(namespace);
        let n = 0;
        const errors = runEach(documents, args, (document) => {
          collection.insert(withId(document));
          n++;
        });
        return { n, ...errors };
      });
    },
  },

  update: {
    fields: ['updates', 'ordered'],
    run({ store, args }) {
      const { namespace } = args;
      const statements = statementsOf(args, 'updates', ['q', 'u', 'multi']);
      return store.write(() => {
        let n = 0;
        let nModified = 0;
        const errors = runEach(statements, args, (statement) => {
          const multi = isTruthy(statement.get('multi') ?? false);
          const update = compileUpdate(statement.get('u'));
          const query = { filter: statement.get('q') as Document, limit: multi ? 0 : 1 };
          const changes = change(store, namespace, query, update);
          n += changes.length;
          nModified += changes.filter(({ before, after }) => after !== before).length;
        });
        return { n, nModified, ...errors };
      });
    },
  },

  delete: {
    fields: ['deletes', 'ordered'],
    run({ store, args }) {
      const { namespace } = args;
      const statements = statementsOf(args, 'deletes', ['q', 'limit']);
      if (statements.some((statement) => !/^[01]$/.test(String(statement.get('limit')))))
        throw new MongoError('FailedToParse', 'The limit field in delete objects must be 0 or 1.');
      return store.write(() => {
        let n = 0;
        const errors = runEach(statements, args, (statement) => {
          const limit = toNumber(statement.get('limit')) ?? 1;
          const query = { filter: statement.get('q') as Document, limit };
          for (const { recordId, document } of targetsOf(store, namespace, query)) {
            store.get(namespace)?.remove(recordId, document);
            n++;
          }
        });
        return { n, ...errors };
      });
    },
  },

  findAndModify: {
    fields: ['query', 'remove', 'update', 'new', 'upsert'],
    async run({ store, args }) {
      const { namespace } = args;
      for (const option of ['remove', 'upsert'])
        if (args.flag(option)) throw unsupported(`'${option}' in findAndModify`, 40415);
      const update = compileUpdate(args.required('update'));
      const query = { filter: args.document('query'), limit: 1 };
      const [changed] = await store.write(() => change(store, namespace, query, update));
      const shown = args.flag('new') ? changed?.after : changed?.before;
      return {
        lastErrorObject: { n: changed ? 1 : 0, updatedExisting: changed !== undefined },
        value: shown ? decode(shown) : null,
      };
    },
  },
};

/** The statements of a write. Throws if one has an unsupported field or no filter. */
function statementsOf(args: Arguments, name: string, fields: readonly string[]): readonly Document[] {
  const statements = args.list(name);
  for (const statement of statements) {
    const other = [...statement.keys()].find((field) => !fields.includes(field));
    if (other !== undefined) throw unsupported(`'${other}' in ${args.name}.${name}`, 40415);
    if (!isDocument(statement.get('q')))
      throw new MongoError('TypeMismatch', `BSON field '${args.name}.${name}.q' is not of the type 'object'`);
  }
  return statements;
}

/** Runs each statement and collects those refused as `writeErrors`. Any other failure fails the whole command. */
function runEach<T>(
  statements: readonly T[],
  args: Arguments,
  run: (statement: T) => void,
): { writeErrors?: Record<string, unknown>[] } {
  const writeErrors: Record<string, unknown>[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement);
    } catch (error) {
      const refusal = error instanceof BsonError ? new MongoError('InvalidBSON', error.message) : error;
      if (!(refusal instanceof MongoError)) throw error;
      writeErrors.push({ index, code: refusal.code, ...refusal.details, errmsg: refusal.message });
      if (args.flag('ordered', true)) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}

/** Updates what a query finds, one document after the other. Only inside a write. */
function change(store: Store, namespace: string, query: Query, update: Update) {
  return targetsOf(store, namespace, query).map(({ recordId, document: before }) => {
    const updated = update(before);
    const after = updated.equals(before) ? before : updated;
    if (after !== before) store.get(namespace)?.replace(recordId, before, after);
    return { before, after };
  });
}

/** The records to change, collected before the first change, so that a changed record is not found again. */
function targetsOf(store: Store, namespace: string, query: Query): Found[] {
  const collection = store.get(namespace);
  if (!collection) return [];
  return [...find(store.engine, collection, query)].filter((found) => found !== undefined);
}
