import { type Document, isDocument, isTruthy } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { findTargets, updateRecord, upsert } from '../query/modify.js';
import { compileUpdate } from '../query/update.js';
import type { Store } from '../storage/store.js';
import { checkStatements } from './insert.js';
import { type Command, missing } from './command.js';
import { collectErrors, withErrors } from './write-errors.js';

const STATEMENT_FIELDS = ['q', 'u', 'multi', 'upsert', 'hint', 'arrayFilters', 'collation', 'c', 'sort'];

interface Outcome {
  matched: number;
  modified: number;
  /** The `_id` an upsert gave. */
  upserted?: { id: unknown };
}

export const update: Command = {
  fields: ['updates', 'ordered', 'bypassDocumentValidation'],
  async run({ store, args }) {
    const { namespace } = args;
    const statements = args.list('updates');
    checkStatements(statements.length);
    for (const statement of statements)
      checkStatement('update.updates', statement, STATEMENT_FIELDS, ['q', 'u']);
    return store.write(() => {
      let n = 0;
      let nModified = 0;
      const upserted: Record<string, unknown>[] = [];
      const errors = collectErrors(statements, args.flag('ordered', true), (statement, index) => {
        const outcome = updateOne(store, namespace, statement);
        n += outcome.matched;
        nModified += outcome.modified;
        if (outcome.upserted) upserted.push({ index, _id: outcome.upserted.id });
      });
      return withErrors({ n, nModified, ...(upserted.length > 0 && { upserted }) }, errors);
    });
  },
};

/** One statement of an update command. Only inside a write. */
function updateOne(store: Store, namespace: string, statement: Document): Outcome {
  const filter = documentIn(statement, 'q');
  const multi = isTruthy(statement.get('multi'));
  const compiled = compileUpdate(statement.get('u'), arrayFiltersIn(statement.get('arrayFilters')));
  if (multi && compiled.replaces)
    throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
  const inserts = isTruthy(statement.get('upsert'));
  const collection = inserts ? store.create(namespace) : store.get(namespace);
  if (!collection) return { matched: 0, modified: 0 };
  const sort = statement.has('sort') ? documentIn(statement, 'sort') : new Map<string, unknown>();
  const targets = findTargets(store, collection, { filter, sort, hint: statement.get('hint'), multi });
  if (targets.length === 0 && inserts)
    return { matched: 1, modified: 0, upserted: upsert(collection, compiled, filter) };
  let modified = 0;
  for (const target of targets) {
    const after = updateRecord(collection, target, compiled, filter);
    if (!after.equals(target.document)) modified++;
  }
  return { matched: targets.length, modified };
}

export function arrayFiltersIn(value: unknown): Document[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isDocument)) return value;
  throw new MongoError('TypeMismatch', 'arrayFilters must be a list of documents');
}

export function documentIn(statement: Document, field: string): Document {
  const value = statement.get(field);
  if (isDocument(value)) return value;
  throw new MongoError('TypeMismatch', `BSON field '${field}' is the wrong type, expected type 'object'`);
}

/** Refuses what a statement asks for beyond what is supported. */
export function checkStatement(
  where: string,
  statement: Document,
  known: readonly string[],
  required: readonly string[],
): void {
  const absent = required.find((field) => !statement.has(field));
  if (absent !== undefined) throw missing(`${where}.${absent}`);
  for (const [field, value] of statement) {
    if (!known.includes(field))
      throw new MongoError('Location40415', `BSON field '${where}.${field}' is an unknown field.`);
    const empty = isDocument(value) && (value.size === 0 || value.get('locale') === 'simple');
    if ((field === 'collation' || field === 'c') && !empty) {
      throw new MongoError('NotImplemented', `The embedded store does not support '${field}' in ${where}.`);
    }
  }
}
