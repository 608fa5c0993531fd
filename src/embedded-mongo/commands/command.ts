import type { Document } from '../bson/documents.js';
import { decode, encode, isDocument, isLong, isTruthy, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import type { Cursors } from '../query/cursors.js';
import type { Store } from '../storage/store.js';
import type { Request } from '../wire/messages.js';
import type { WireServer } from '../wire/server.js';

/** What every command works with. */
export interface Context {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly server: WireServer;
  /** The number of the client's connection. */
  readonly connection: number;
  readonly startedAt: number;
  readonly args: Arguments;
}

export type Reply = Buffer | Record<string, unknown>;

export interface Command {
  /** The fields it understands; any other is refused, because ignoring it could change what is meant. */
  readonly fields: readonly string[];
  run(context: Context): Reply | Promise<Reply>;
}

/** A command's fields, with MongoDB's errors where one has the wrong type. */
export class Arguments {
  constructor(private readonly request: Request) {}

  get name(): string {
    return this.request.name;
  }

  get database(): string {
    return this.request.database;
  }

  get fields(): Document {
    return this.request.body;
  }

  /** database.collection, from the value of the command's own field. */
  get namespace(): string {
    const collection = this.request.body.get(this.name);
    if (typeof collection !== 'string') {
      throw new MongoError(
        'InvalidNamespace',
        `collection name has invalid type for the command ${this.name}`,
      );
    }
    return namespace(this.database, collection);
  }

  value(name: string): unknown {
    return this.request.body.get(name);
  }

  string(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrongType(name, 'string');
  }

  document(name: string): Document {
    const value = this.value(name);
    if (value === undefined || value === null) return new Map();
    if (isDocument(value)) return value;
    throw this.wrongType(name, 'object');
  }

  number(name: string, otherwise: number): number {
    const value = this.value(name);
    if (value === undefined || value === null) return otherwise;
    const number = toNumber(value);
    if (number === undefined || Number.isNaN(number)) throw this.wrongType(name, 'number');
    return Math.trunc(number);
  }

  /** Like `number`, but refuses a negative one. */
  size(name: string, otherwise: number): number {
    const number = this.number(name, otherwise);
    if (number < 0) {
      throw new MongoError(
        'Location51024',
        `BSON field '${name}' value must be >= 0, actual value '${number}'`,
      );
    }
    return number;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.value(name);
    return value === undefined ? otherwise : isTruthy(value);
  }

  cursorId(value: unknown): bigint {
    if (isLong(value)) return value.toBigInt();
    const number = toNumber(value);
    if (!Number.isSafeInteger(number)) throw this.wrongType(this.name, 'long');
    return BigInt(number ?? 0);
  }

  /** A list of documents that came in the body or as a document sequence, each as bytes. */
  rawList(name: string): readonly Buffer[] {
    const list = this.request.lists.get(name) ?? this.required(name);
    if (!Array.isArray(list)) throw this.wrongType(name, 'array');
    return list.map((item: unknown) =>
      Buffer.isBuffer(item) ? item : encode(this.expectDocument(name, item)),
    );
  }

  list(name: string): Document[] {
    const sequence = this.request.lists.get(name);
    if (sequence) return sequence.map((bytes) => decode(bytes));
    const list = this.required(name);
    if (!Array.isArray(list)) throw this.wrongType(name, 'array');
    return list.map((item: unknown) => this.expectDocument(name, item));
  }

  /** A required field of the command. */
  required(name: string): unknown {
    const value = this.value(name);
    if (value === undefined) throw missing(`${this.name}.${name}`);
    return value;
  }

  private expectDocument(name: string, item: unknown): Document {
    if (isDocument(item)) return item;
    throw this.wrongType(name, 'object');
  }

  private wrongType(name: string, expected: string): MongoError {
    return new MongoError(
      'TypeMismatch',
      `BSON field '${this.name}.${name}' is the wrong type, expected type '${expected}'`,
    );
  }
}

/** A field that must be there is not. */
export function missing(field: string): MongoError {
  return new MongoError('Location40414', `BSON field '${field}' is missing but a required field`);
}

/** Joins and checks the two parts of a namespace. */
export function namespace(database: string, collection: string): string {
  const full = `${database}.${collection}`;
  if (
    !isDatabaseName(database) ||
    collection === '' ||
    collection.startsWith('.') ||
    collection.startsWith('system.') ||
    /[$\0]/.test(collection) ||
    Buffer.byteLength(full) > 255
  ) {
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${full}'`);
  }
  return full;
}

export function isDatabaseName(database: string): boolean {
  return database !== '' && database.length < 64 && !/[/\\. "$*<>:|?\0]/.test(database);
}
