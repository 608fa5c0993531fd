import mongoose from 'mongoose';
import { DomainError, StoreUnavailableError } from '../http/domain-error.js';

const { MongoError, MongoServerError, MongoBulkWriteError } = mongoose.mongo;

const DUPLICATE_KEY = 11000;

/**
 * Server errors that say "not now" rather than "not ever": shutting down, stepping down, not primary, no primary
 * found, over the time or over the disk; see mongodb/mongo, src/mongo/base/error_codes.yml.
 */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 24, 50, 64, 89, 91, 112, 133, 134, 189, 202, 262, 317, 358, 9001, 10107, 11600, 11602, 13388, 13435,
  13436, 14031,
]);

/** Those of them after which the driver tries a read once more: the next server, or the next connection, may do it. */
const RETRYABLE_READ_CODES: ReadonlySet<unknown> = new Set([
  6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** The errors of the driver and of Mongoose for a server that can't be reached, does not answer, or is being left. */
const UNAVAILABLE_ERRORS = [
  mongoose.mongo.MongoNetworkError,
  mongoose.mongo.MongoSystemError, // no server could be selected
  mongoose.mongo.MongoOperationTimeoutError,
  mongoose.mongo.MongoParseError, // what came is no message of MongoDB's: the connection is given up
  mongoose.mongo.MongoNotConnectedError,
  mongoose.mongo.MongoTopologyClosedError,
  mongoose.mongo.MongoServerClosedError,
  mongoose.mongo.MongoClientClosedError,
  mongoose.Error.MongooseServerSelectionError,
];

/** Two more such errors, which the driver does not export. */
const UNAVAILABLE_NAMES: ReadonlySet<string> = new Set([
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
]);

const BROKEN_CONNECTION_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ETIMEDOUT',
]);

/** Whether a unique index refused a document, and nothing else was wrong. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoError && error.code === DUPLICATE_KEY && !hasWriteConcernError(error);
}

/** The outcome of inserting a document. */
export type InsertOutcome =
  | { readonly stored: true }
  /** A unique index refused it; its name, where the server tells it in MongoDB's words. */
  | { readonly stored: false; readonly refusedBy: string | undefined };

/** The outcome for a document that was refused with `error`. @throws the error, where no unique index refused it. */
export function refusalBy(error: unknown): InsertOutcome {
  if (!isDuplicateKey(error)) throw error;
  return {
    stored: false,
    refusedBy: /^E11000 .* index: (\S+) dup key: /.exec((error as Error).message)?.[1],
  };
}

/** How many documents of an ordered insert are stored, where a unique index stopped it: all those before the refused one. */
export function storedBeforeDuplicate(error: unknown): number {
  return error instanceof MongoBulkWriteError ? error.insertedCount : 0;
}

/**
 * What became of each document of an unordered insert that ended in an error; a document's own error, where it was
 * something else than a unique index.
 *
 * @throws the error itself where it is not about single documents, so that nothing is known of any.
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

/** The write is not yet safe on a majority: the driver says so in addition to the refused documents. */
function hasWriteConcernError(error: Error): boolean {
  return error instanceof MongoBulkWriteError && error.result.getWriteConcernError() !== undefined;
}

/** True where the store could not be reached or did not answer in time, so that a write's fate is unknown. */
export function isStoreUnavailable(error: unknown): boolean {
  if (error instanceof Error && hasWriteConcernError(error)) return true;
  // An insert of many documents wraps what stopped it, a broken connection too, as if the server had said it.
  if (error instanceof MongoBulkWriteError && error.errorResponse instanceof Error) {
    return isStoreUnavailable(error.errorResponse);
  }
  if (error instanceof MongoServerError) return UNAVAILABLE_CODES.has(error.code);
  if (isBrokenConnection(error)) return true;
  return (
    UNAVAILABLE_ERRORS.some((unavailable) => error instanceof unavailable) ||
    (error instanceof MongoError && UNAVAILABLE_NAMES.has(error.name))
  );
}

/** Whether a read that failed so may well succeed if it is sent once more: by the rules of the drivers for reads. */
export function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof mongoose.mongo.MongoNetworkTimeoutError) return false; // the time is up
  if (error instanceof MongoServerError) return RETRYABLE_READ_CODES.has(error.code);
  return error instanceof mongoose.mongo.MongoNetworkError || isBrokenConnection(error);
}

/**
 * True where a server was reached and does not do what it is asked, by its own word or because the driver can't speak
 * to it: a wrong password, a missing right, a version that is too old. To ask again rarely helps.
 */
export function isRefusal(error: unknown): error is Error {
  if (isStoreUnavailable(error)) return false;
  return (
    error instanceof MongoServerError ||
    error instanceof mongoose.mongo.MongoCompatibilityError ||
    error instanceof mongoose.mongo.MongoMissingDependencyError
  );
}

/** A socket's own error. The driver lets it through where a connection breaks between two commands (`writeCommand`). */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && BROKEN_CONNECTION_CODES.has((error as NodeJS.ErrnoException).code);
}

/** What an error of the driver that no repository expected means to a client. */
export function translateMongoError(error: unknown): DomainError | undefined {
  if (isStoreUnavailable(error)) return new StoreUnavailableError(error);
  if (isDuplicateKey(error)) {
    return new DomainError('DUPLICATE_KEY', 'Another document has this key already', { cause: error });
  }
  return undefined;
}
