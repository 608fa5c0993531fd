import { decode, type Document, isDocument, isTruthy, toNumber } from '../bson/documents.js';
import { BsonError } from '../bson/elements.js';
import { MongoError, unsupported } from '../errors.js';
import { compileProjection } from '../query/projection.js';
import { find, type Found, type Query } from '../query/scan.js';
import { compileUpdate, type Update } from '../query/update.js';
import { type Collection, idOf, withId } from '../storage/collection.js';
import type { Store } from '../storage/store.js';
import { type Arguments, type Commands, missing } from './command.js';

const MAX_STATEMENTS = 100_000;

export const writes: Commands = {
  insert: {
    fields: ['documents', 'ordered'],
    run({ store, args }) {
      const documents = checked(args.rawList('documents'));
      const { namespace } = args;
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
      const statements = statementsOf(args, 'updates', ['q', 'u'], ['multi', 'upsert']);
      return store.write(() => {
        let n = 0;
        let nModified = 0;
        const upserted: Record<string, unknown>[] = [];
        const errors = runEach(statements, args, (statement, index) => {
          const multi = isTruthy(statement.get('multi') ?? false);
          const compiled = compileUpdate(statement.get('u'));
          if (multi && compiled.replaces)
            throw new MongoError('FailedToParse', 'A multi update needs operators, not a replacement.');
          const query = { filter: statement.get('q') as Document, limit: multi ? 0 : 1 };
          const inserts = isTruthy(statement.get('upsert') ?? false);
          const { found, inserted } = change(store, namespace, query, compiled, inserts);
          n += inserted ? 1 : found.length;
          nModified += found.filter(({ before, after }) => !after.equals(before)).length;
          if (inserted) upserted.push({ index, _id: idOf(inserted) });
        });
        return { n, nModified, ...(upserted.length > 0 && { upserted }), ...errors };
      });
    },
  },

  delete: {
    fields: ['deletes', 'ordered'],
    run({ store, args }) {
      const { namespace } = args;
      const statements = statementsOf(args, 'deletes', ['q', 'limit'], []);
      if (statements.some((statement) => !/^[01]$/.test(String(statement.get('limit')))))
        throw new MongoError('FailedToParse', 'The limit field in delete objects must be 0 or 1.');
      return store.write(() => {
        let n = 0;
        const errors = runEach(statements, args, (statement) => {
          const limit = toNumber(statement.get('limit')) ?? 1;
          const collection = store.get(namespace);
          const targets = targetsOf(store, collection, { filter: statement.get('q') as Document, limit });
          for (const { recordId, document } of targets) collection?.remove(recordId, document);
          n += targets.length;
        });
        return { n, ...errors };
      });
    },
  },

  findAndModify: {
    fields: ['query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert'],
    async run({ store, args }) {
      const { namespace } = args;
      if (args.flag('remove')) throw unsupported("'remove' in findAndModify", 40415);
      const project = compileProjection(args.document('fields'));
      const update = compileUpdate(args.required('update'));
      const query = { filter: args.document('query'), sort: args.document('sort'), limit: 1 };
      const { found, inserted } = await store.write(() =>
        change(store, namespace, query, update, args.flag('upsert')),
      );
      const [changed] = found;
      const shown = args.flag('new') ? (changed?.after ?? inserted) : changed?.before;
      const n = changed || inserted ? 1 : 0;
      const upserted = inserted && { upserted: idOf(inserted) };
      return {
        lastErrorObject: { n, updatedExisting: changed !== undefined, ...upserted },
        value: shown ? decode(project ? project(shown) : shown) : null,
      };
    },
  },
};

function checked<T>(statements: readonly T[]): readonly T[] {
  const { length } = statements;
  if (length >= 1 && length <= MAX_STATEMENTS) return statements;
  throw new MongoError('InvalidLength', `A write has 1 to ${MAX_STATEMENTS} operations, not ${length}.`);
}

/** The statements of a write. Throws if one has an unsupported field or lacks a required one. */
function statementsOf(
  args: Arguments,
  name: string,
  required: readonly string[],
  optional: readonly string[],
): readonly Document[] {
  const statements = checked(args.list(name));
  for (const statement of statements) {
    const absent = required.find((field) => !statement.has(field));
    if (absent !== undefined) throw missing(`${args.name}.${name}.${absent}`);
    const other = [...statement.keys()].find((field) => ![...required, ...optional].includes(field));
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
  run: (statement: T, index: number) => void,
): { writeErrors?: Record<string, unknown>[] } {
  const writeErrors: Record<string, unknown>[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      const refusal = error instanceof BsonError ? new MongoError('InvalidBSON', error.message) : error;
      if (!(refusal instanceof MongoError)) throw error;
      writeErrors.push({ index, code: refusal.code, ...refusal.details, errmsg: refusal.message });
      if (args.flag('ordered', true)) break;
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors };
}

interface Outcome {
  readonly found: readonly { readonly before: Buffer; readonly after: Buffer }[];
  /** What an upsert stored. */
  readonly inserted?: Buffer;
}

/** Updates what a query finds; an upsert that finds nothing inserts. Only inside a write. */
function change(store: Store, namespace: string, query: Query, update: Update, inserts: boolean): Outcome {
  const collection = inserts ? store.create(namespace) : store.get(namespace);
  const targets = targetsOf(store, collection, query);
  if (targets.length === 0 && inserts) {
    const inserted = withId(update.insert(query.filter));
    collection?.insert(inserted);
    return { found: [], inserted };
  }
  const found = targets.map(({ recordId, document: before }) => {
    const after = update.apply(before);
    if (!after.equals(before)) collection?.replace(recordId, before, after);
    return { before, after };
  });
  return { found };
}

/** The records to change, collected before the first change, so that a changed record is not found again. */
function targetsOf(store: Store, collection: Collection | undefined, query: Query): Found[] {
  return collection ? [...find(store.engine, collection, query)] : [];
}
