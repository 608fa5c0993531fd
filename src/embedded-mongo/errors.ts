/** Why the store could not be opened, in one sentence for a person; its stack adds nothing. */
export class EmbeddedMongoError extends Error {
  override readonly name = 'EmbeddedMongoError';
}

/** Another owner has the directory. */
export class DirectoryInUseError extends EmbeddedMongoError {
  constructor(path: string, pid: number) {
    const who = pid === process.pid ? `this process (pid ${pid})` : `the process with pid ${pid}`;
    super(`The data directory ${path} is already in use by ${who}.`);
  }
}

/** MongoDB's error codes, by their names. */
const CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  IllegalOperation: 20,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  EmptyFieldName: 56,
  ConflictingUpdateOperators: 40,
  NotSingleValueField: 54,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  NotAReplicaSet: 123,
  InvalidPipelineOperator: 168,
  OutOfDiskSpace: 14031,
  CannotBackfillArray: 15891,
  CannotIndexParallelArrays: 171,
  InvalidIndexSpecificationOption: 197,
  NotImplemented: 238,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  DuplicateKey: 11000,
  InvalidLength: 16,
  KeyTooLong: 17280,
  Location17419: 17419,
  Location15952: 15952,
  Location15955: 15955,
  Location15958: 15958,
  Location15959: 15959,
  Location15974: 15974,
  Location15975: 15975,
  Location28745: 28745,
  Location28746: 28746,
  Location28747: 28747,
  Location28748: 28748,
  Location28749: 28749,
  Location28818: 28818,
  Location31249: 31249,
  Location31253: 31253,
  Location31254: 31254,
  Location31325: 31325,
  Location40157: 40157,
  Location40169: 40169,
  Location40170: 40170,
  Location40600: 40600,
  Location40602: 40602,
  Location5107200: 5107200,
  Location5107201: 5107201,
  Location5447000: 5447000,
  Location51024: 51024,
  Location51091: 51091,
  Location51272: 51272,
  Location40323: 40323,
  Location40324: 40324,
  Location40414: 40414,
  Location40415: 40415,
} as const;

export type ErrorName = keyof typeof CODES;

/** An answer that says no, with MongoDB's code and name. */
export class MongoError extends Error {
  override readonly name = 'MongoError';
  readonly code: number;

  constructor(
    readonly codeName: ErrorName,
    message: string,
    /** Further fields of the answer, such as keyPattern and keyValue. */
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.code = CODES[codeName];
  }
}
