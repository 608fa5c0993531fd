import { BSONError } from 'bson';
import { encode, isDocument, toNumber } from '../bson/documents.js';
import { BsonError } from '../bson/elements.js';
import { MongoError, unsupported } from '../errors.js';
import { Pace } from '../query/scan.js';
import { CommitError } from '../storage/engine.js';
import type { Request } from '../wire/messages.js';
import { catalogue } from './catalogue.js';
import { Arguments, type Command, type Context } from './command.js';
import { reads } from './reads.js';
import { server } from './server.js';
import { writes } from './writes.js';

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({ ...catalogue, ...reads, ...server, ...writes }),
);

/** Fields that any command may have, and that have no effect on a single node. */
const GENERIC =
  /^(\$db|lsid|\$readPreference|\$clusterTime|readConcern|writeConcern|maxTimeMS|comment|api\w+)$/;

const TRANSACTION = /^(txnNumber|autocommit|startTransaction|stmtIds?)$/;

/** Runs a command and returns its reply as bytes. Errors become replies too; it never rejects. */
export async function dispatch(
  request: Request,
  context: Omit<Context, 'args' | 'pace'>,
  log: (line: string) => void,
): Promise<Buffer> {
  try {
    if (request.refusal) throw request.refusal;
    const command = COMMANDS.get(request.name);
    if (!command) throw unsupported(`command '${request.name}'`, 'CommandNotFound');
    checkFields(request, command.fields);
    const args = new Arguments(request);
    const pace = new Pace(context.store.engine, args.size('maxTimeMS', 0));
    const reply = await command.run({ ...context, args, pace });
    return Buffer.isBuffer(reply) ? reply : encode({ ...reply, ok: 1 });
  } catch (error) {
    const { message, code, codeName, details } = asMongoError(error);
    if (code === 1) log(`${request.name} failed: ${(error as Error).stack ?? message}`);
    return encode({ ok: 0, errmsg: message, code, codeName, ...details });
  }
}

function checkFields(request: Request, known: readonly string[]): void {
  for (const field of request.body.keys()) {
    if (field === request.name || GENERIC.test(field) || known.includes(field)) continue;
    throw unsupported(`'${field}' in ${request.name}`, TRANSACTION.test(field) ? 'IllegalOperation' : 40415);
  }
  checkConcerns(request);
}

/** Accepts what a single node with durable writes fulfils: everything but snapshots and waiting for other nodes. */
function checkConcerns({ body }: Request): void {
  const [read, write] = [body.get('readConcern'), body.get('writeConcern')];
  const level = (isDocument(read) && read.get('level')) || 'local';
  const w = (isDocument(write) && write.get('w')) || 'majority';
  if (typeof level !== 'string' || !/^(local|available|majority|linearizable)$/.test(level))
    throw unsupported('such readConcern.level', 'NotAReplicaSet');
  if (w !== 'majority' && !((toNumber(w) ?? 2) <= 1))
    throw new MongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
}

function asMongoError(error: unknown): MongoError {
  if (error instanceof MongoError) return error;
  const { message } = error as Error;
  if (error instanceof BsonError || error instanceof BSONError) return new MongoError('InvalidBSON', message);
  return new MongoError(error instanceof CommitError ? 'OutOfDiskSpace' : 'InternalError', message);
}
