import { type Document, decode, decodeValue, encode } from '../bson/documents.js';
import { BsonType, Elements } from '../bson/elements.js';
import { MongoError } from '../errors.js';
import { ProtocolError } from './frames.js';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

const MORE_TO_COME = 2;
const REQUIRED_FLAGS = 0xffff;

/** A parsed command. */
export interface Request {
  readonly id: number;
  /** Drivers send their first command as OP_QUERY, and expect an OP_REPLY. */
  readonly legacy: boolean;
  /** Whether the client wants no reply. */
  readonly silent: boolean;
  readonly name: string;
  readonly database: string;
  readonly body: Document;
  /** The error for a command that can't be parsed, although its message can be answered. */
  readonly refusal?: MongoError;
  /** The documents of an insert and document sequences, left as bytes. */
  readonly lists: ReadonlyMap<string, readonly Buffer[]>;
}

/** Parses one message. Throws ProtocolError or BsonError if it is malformed. */
export function parseMessage(message: Buffer): Request {
  const opcode = message.readInt32LE(12);
  const legacy = opcode === OP_QUERY;
  if (opcode !== OP_MSG && !legacy) throw new ProtocolError(`operation code ${opcode} is not supported`);
  const unread = { id: message.readInt32LE(4), legacy, silent: false, name: '', database: '' };
  try {
    return { ...unread, ...(legacy ? parseOpQuery(message) : parseOpMsg(message)) };
  } catch (refusal) {
    if (refusal instanceof MongoError) return { ...unread, body: new Map(), lists: new Map(), refusal };
    throw refusal;
  }
}

type Read = Omit<Request, 'id' | 'legacy' | 'silent'> & Partial<Request>;

function parseOpMsg(message: Buffer): Read {
  if (message.length < 21) throw new ProtocolError('a message ends before its flags');
  const flags = message.readUInt32LE(16);
  const unknown = flags & REQUIRED_FLAGS & ~MORE_TO_COME;
  if (unknown !== 0) throw new ProtocolError(`unknown flags 0x${unknown.toString(16)}`);
  const lists = new Map<string, Buffer[]>();
  let body: Document | undefined;
  for (let at = 20; at < message.length;) {
    const kind = message[at++];
    const section = partAt(message, at);
    if (kind === 0 && !body) body = parseBody(section, lists);
    else if (kind === 1) parseSequence(section, lists);
    else throw new ProtocolError(`unexpected section of kind ${kind ?? -1}`);
    at += section.length;
  }
  if (!body) throw new ProtocolError('a message has no body');
  const database = body.get('$db');
  return {
    silent: (flags & MORE_TO_COME) !== 0,
    name: nameOf(body),
    database: typeof database === 'string' ? database : '',
    body,
    lists,
  };
}

/** The part at `at`, which begins with its length and must end inside `bytes`. */
function partAt(bytes: Buffer, at: number): Buffer {
  const size = at + 4 <= bytes.length ? bytes.readInt32LE(at) : 0;
  if (size < 5 || at + size > bytes.length) throw new ProtocolError('a part does not end inside its message');
  return bytes.subarray(at, at + size);
}

/** Decodes a command except for the documents of an insert. */
function parseBody(section: Buffer, lists: Map<string, Buffer[]>): Document {
  const body: Document = new Map();
  const elements = new Elements(section);
  while (elements.next()) {
    const isList = elements.type === BsonType.array && elements.name === 'documents' && body.has('insert');
    const list = isList ? documentsOf(section, elements.start) : undefined;
    if (list) lists.set('documents', list);
    else body.set(elements.name, decodeValue(elements));
  }
  return body;
}

function parseSequence(section: Buffer, lists: Map<string, Buffer[]>): void {
  const zero = section.indexOf(0, 4);
  if (zero < 0) throw new ProtocolError('a document sequence has no name');
  const documents: Buffer[] = [];
  for (let at = zero + 1; at < section.length;) {
    const document = partAt(section, at);
    documents.push(document);
    at += document.length;
  }
  lists.set(section.toString('utf8', 4, zero), documents);
}

/** Undefined if an item of the list is not a document; the command then reports the error. */
function documentsOf(bytes: Buffer, at: number): Buffer[] | undefined {
  const documents: Buffer[] = [];
  const elements = new Elements(bytes, at);
  while (elements.next()) {
    if (elements.type !== BsonType.object) return undefined;
    documents.push(bytes.subarray(elements.start, elements.end));
  }
  return documents;
}

function parseOpQuery(message: Buffer): Read {
  const zero = message.indexOf(0, 20);
  if (zero < 0) throw new ProtocolError('a query has no collection');
  const [database = ''] = message.toString('utf8', 20, zero).split('.', 1);
  const body = decode(message, zero + 9);
  return { name: nameOf(body), database, body, lists: new Map() };
}

/** The name of a command is its first field. */
function nameOf(body: Document): string {
  return body.keys().next().value ?? '';
}

/** The bytes of a reply before its document. */
export function replyHead(request: Request, reply: Buffer): Buffer {
  const head = Buffer.alloc(request.legacy ? 36 : 21);
  head.writeInt32LE(head.length + reply.length, 0);
  head.writeInt32LE(request.id, 8);
  head.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  // OP_REPLY: flags, cursor id and starting position are 0; one document.
  if (request.legacy) head.writeInt32LE(1, 32);
  return head;
}

const OK = encode({ ok: 1 }).subarray(4);

/** A cursor's batch as a reply. The documents are copied as they are stored. */
export function formatCursor(field: string, batch: readonly Buffer[], id: bigint, namespace: string): Buffer {
  const ns = Buffer.from(namespace);
  let documents = 0;
  batch.forEach((document, i) => (documents += 2 + String(i).length + document.length));
  const arrayBytes = 4 + documents + 1;
  // length, { <field>: array, id: int64, ns: string }, zero
  const cursorBytes = 4 + (field.length + 2 + arrayBytes) + (4 + 8) + (4 + 4 + ns.length + 1) + 1;
  const reply = Buffer.allocUnsafe(4 + 8 + cursorBytes + OK.length);
  let at = reply.writeInt32LE(reply.length, 0);
  at += reply.write('\x03cursor\0', at, 'latin1');
  at = reply.writeInt32LE(cursorBytes, at);
  at += reply.write(`\x04${field}\0`, at, 'latin1');
  at = reply.writeInt32LE(arrayBytes, at);
  batch.forEach((document, i) => {
    at += reply.write(`\x03${i}\0`, at, 'latin1');
    at += document.copy(reply, at);
  });
  at += reply.write('\0\x12id\0', at, 'latin1');
  at = reply.writeBigInt64LE(id, at);
  at += reply.write('\x02ns\0', at, 'latin1');
  at = reply.writeInt32LE(ns.length + 1, at);
  at += ns.copy(reply, at);
  at += reply.write('\0\0', at, 'latin1');
  OK.copy(reply, at);
  return reply;
}
