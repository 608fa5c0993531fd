import mongoose from 'mongoose';
import { DomainError, StoreUnavailableError } from '../common/errors/domain-error.js';

const { MongoError, MongoServerError, MongoBulkWriteError } = mongoose.mongo;

const DUPLICATE_KEY = 11000;

/**
 * Server errors that mean "not now", not "never": shutting down, stepping down, not primary, no primary found, out of
 * time or disk space; see mongodb/mongo, src/mongo/base/error_codes.yml.
 */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 24, 50, 64, 89, 91, 112, 133, 134, 189, 202, 262, 317, 358, 9001, 10107, 11600, 11602, 13388, 13435,
  13436, 14031,
]);

/** The errors of the driver that waiting does not mend. All others that are not a server's mean that none replied in time. */
const FAULTS = [
  mongoose.mongo.MongoCompatibilityError,
  mongoose.mongo.MongoInvalidArgumentError,
  mongoose.mongo.MongoMissingDependencyError,
];

const BROKEN_CONNECTION_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ETIMEDOUT',
]);

/** Whether the only reason for the error is that a unique index refused a document. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoError && error.code === DUPLICATE_KEY && !hasWriteConcernError(error);
}

/** The outcome of inserting a document. */
export type InsertOutcome =
  | { readonly stored: true }
  /** A unique index refused it. Its name, if the server gives it as MongoDB does. */
  | { readonly stored: false; readonly refusedBy: string | undefined };

/** The outcome for a document that was refused with `error`. @throws the error, unless a unique index was the reason. */
export function refusalBy(error: unknown): InsertOutcome {
  if (!isDuplicateKey(error)) throw error;
  return {
    stored: false,
    refusedBy: /^E11000 .* index: (\S+) dup key: /.exec((error as Error).message)?.[1],
  };
}

/** How many documents of an ordered insert were stored before a unique index refused one. */
export function storedBeforeDuplicate(error: unknown): number {
  return error instanceof MongoBulkWriteError ? error.insertedCount : 0;
}

/**
 * The outcome of each document of an unordered insert that ended in an error, or the document's own error if it was not
 * refused by a unique index.
 *
 * @throws the error itself if it does not concern single documents, so that nothing is known of any of them.
 */
export function unorderedOutcomes(error: unknown, count: number): (InsertOutcome | Error)[] {
  if (!(error instanceof MongoBulkWriteError) || hasWriteConcernError(error)) throw error;
  const faults = [error.writeErrors].flat();
  if (faults.length === 0) throw error;
  const outcomes = new Array<InsertOutcome | Error>(count).fill({ stored: true });
  for (const { index, code, errmsg } of faults) {
    const fault = new MongoServerError({ message: errmsg ?? error.message, code });
    outcomes[index] = isDuplicateKey(fault) ? refusalBy(fault) : fault;
  }
  return outcomes;
}

/** The write is not on a majority yet. The driver reports this in addition to the refused documents. */
function hasWriteConcernError(error: Error): boolean {
  return error instanceof MongoBulkWriteError && error.result.getWriteConcernError() !== undefined;
}

/** Whether the store could not be reached or did not reply in time, so that it is unknown whether a write was done. */
export function isStoreUnavailable(error: unknown): boolean {
  if (error instanceof Error && hasWriteConcernError(error)) return true;
  // An insert of many documents wraps what stopped it, even a broken connection, as if it were a server error.
  if (error instanceof MongoBulkWriteError && error.errorResponse instanceof Error) {
    return isStoreUnavailable(error.errorResponse);
  }
  if (error instanceof MongoServerError) return UNAVAILABLE_CODES.has(error.code);
  if (error instanceof mongoose.Error.MongooseServerSelectionError || isBrokenConnection(error)) return true;
  return error instanceof MongoError && !FAULTS.some((fault) => error instanceof fault);
}

/**
 * Whether a server was reached but refuses to serve, by its own error or because the driver can't speak to it: a wrong
 * password, a missing privilege, a version that is too old. Retrying rarely helps.
 */
export function isRefusal(error: unknown): error is Error {
  if (isStoreUnavailable(error)) return false;
  return (
    error instanceof MongoServerError ||
    error instanceof mongoose.mongo.MongoCompatibilityError ||
    error instanceof mongoose.mongo.MongoMissingDependencyError
  );
}

/** A socket's own error, which the driver passes on if a connection breaks between two commands (`writeCommand`). */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && BROKEN_CONNECTION_CODES.has((error as NodeJS.ErrnoException).code);
}

/** The error for the client, for a driver error that no repository expected. */
export function translateMongoError(error: unknown): DomainError | undefined {
  if (isStoreUnavailable(error)) return new StoreUnavailableError(error);
  if (isDuplicateKey(error)) {
    return new DomainError('DUPLICATE_KEY', 'Another document has this key already', { cause: error });
  }
  return undefined;
}
