/** Why the store could not be opened, in one sentence for the user; its stack is of no use. */
export class EmbeddedMongoError extends Error {
  override readonly name = 'EmbeddedMongoError';
}

/** Another process (or this one) already owns the directory. */
export class DirectoryInUseError extends EmbeddedMongoError {
  /** `owner` is the text that the owner wrote into its lock file. */
  constructor(path: string, owner = 'another process') {
    super(`The data directory ${path} is already in use by ${owner}.`);
  }
}

/** MongoDB's error codes by name. */
const CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidNamespace: 73,
  IndexKeySpecsConflict: 86,
  NotAReplicaSet: 123,
  NotImplemented: 238,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  KeyTooLong: 17280,
} as const;

export type ErrorName = keyof typeof CODES;

/** An error reply with MongoDB's code and name. A code without a name has none in MongoDB either. */
export class MongoError extends Error {
  override readonly name = 'MongoError';
  readonly code: number;
  readonly codeName: string;

  constructor(
    error: ErrorName | number,
    message: string,
    /** Further fields of the reply, such as keyPattern and keyValue. */
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.code = typeof error === 'number' ? error : CODES[error];
    this.codeName = typeof error === 'number' ? `Location${error}` : error;
  }
}

/** The error for something that only MongoDB supports, with the code that MongoDB uses for what it does not know. */
export function unsupported(what: string, error: ErrorName | number = 'NotImplemented'): MongoError {
  return new MongoError(error, `The embedded store has no ${what}; use MongoDB.`);
}
