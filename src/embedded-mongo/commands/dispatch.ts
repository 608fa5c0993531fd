import { BSONError } from 'bson';
import { type Document, encode, isDocument, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import { BsonError } from '../bson/elements.js';
import { withDeadline } from '../query/deadline.js';
import { CommitError } from '../storage/engine.js';
import type { Request } from '../wire/messages.js';
import { COMMANDS } from './commands.js';
import { Arguments, type Context } from './command.js';

/** Fields any command may have that change nothing on a single node. */
const GENERIC = new Set([
  '$db',
  'lsid',
  '$readPreference',
  '$clusterTime',
  '$audit',
  '$configTime',
  '$topologyTime',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

const TRANSACTION_FIELDS = ['txnNumber', 'autocommit', 'startTransaction', 'stmtId', 'stmtIds'];

/** Runs a command and gives the bytes of its answer; every refusal and failure becomes an answer, too. */
export async function dispatch(
  request: Request,
  context: Omit<Context, 'args'>,
  log: (line: string) => void,
): Promise<Buffer> {
  try {
    const command = COMMANDS.get(request.name);
    if (!command) throw new MongoError('CommandNotFound', `no such command: '${request.name}'`);
    checkFields(request, command.fields);
    const args = new Arguments(request);
    const reply = await withDeadline(args.size('maxTimeMS', 0), () => command.run({ ...context, args }));
    return Buffer.isBuffer(reply) ? reply : encode({ ...reply, ok: 1 });
  } catch (error) {
    return encode(errorReply(error, request.name, log));
  }
}

function checkFields(request: Request, known: readonly string[]): void {
  for (const [field, value] of request.body) {
    if (field === request.name || GENERIC.has(field) || known.includes(field)) continue;
    if (TRANSACTION_FIELDS.includes(field)) {
      throw new MongoError(
        'IllegalOperation',
        'Transaction numbers are only allowed on a replica set member or mongos',
      );
    }
    if (field === 'collation' && isSimpleCollation(value)) continue;
    if (field === 'let' && isDocument(value) && value.size === 0) continue;
    if (field === 'collation' || field === 'let') {
      throw new MongoError(
        'NotImplemented',
        `The embedded store does not support '${field}' in ${request.name}.`,
      );
    }
    throw new MongoError('Location40415', `BSON field '${request.name}.${field}' is an unknown field.`);
  }
  checkConcerns(request);
}

function isSimpleCollation(value: unknown): boolean {
  return isDocument(value) && (value.size === 0 || (value.size === 1 && value.get('locale') === 'simple'));
}

/** One node, and every write on disk before its answer: all levels but snapshots and waiting for others are met. */
function checkConcerns(request: Request): void {
  const read = request.body.get('readConcern');
  const level = isDocument(read) ? levelIn(read) : 'local';
  if (level === 'snapshot') {
    throw new MongoError(
      'NotAReplicaSet',
      'node needs to be a replica set member to use readConcern: snapshot',
    );
  }
  if (!['local', 'available', 'majority', 'linearizable'].includes(level)) {
    throw new MongoError('FailedToParse', `readConcern.level '${level}' is not a valid value.`);
  }
  const write = request.body.get('writeConcern');
  const w = isDocument(write) ? write.get('w') : undefined;
  if ((toNumber(w) ?? 1) > 1 || (typeof w === 'string' && w !== 'majority')) {
    throw new MongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  }
}

function levelIn(readConcern: Document): string {
  const level = readConcern.get('level');
  return typeof level === 'string' ? level : 'local';
}

function errorReply(error: unknown, command: string, log: (line: string) => void): Record<string, unknown> {
  const answer = asMongoError(error);
  if (answer.codeName === 'InternalError')
    log(`${command} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return { ok: 0, errmsg: answer.message, code: answer.code, codeName: answer.codeName, ...answer.details };
}

function asMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error;
  if (error instanceof BsonError || error instanceof BSONError)
    return new MongoError('InvalidBSON', error.message);
  if (error instanceof CommitError) return new MongoError('OutOfDiskSpace', error.message);
  return new MongoError('InternalError', error instanceof Error ? error.message : String(error));
}
