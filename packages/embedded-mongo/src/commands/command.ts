import { Long } from 'bson';
import { decode, type Document, encode, isDocument, isTruthy, toNumber } from '../bson/documents.js';
import { MongoError } from '../errors.js';
import type { Cursors } from '../query/cursors.js';
import type { Pace } from '../query/scan.js';
import type { Store } from '../storage/store.js';
import type { Request } from '../wire/messages.js';

/** What every command works with. */
export interface Context {
  readonly store: Store;
  readonly cursors: Cursors;
  readonly args: Arguments;
  readonly pace: Pace;
}

type Reply = Buffer | Record<string, unknown>;

export interface Command {
  /** The fields that it supports. Any other is refused, since ignoring it could change the meaning. */
  readonly fields: readonly string[];
  run(context: Context): Reply | Promise<Reply>;
}

/** Commands by the names that clients use. */
export type Commands = Readonly<Record<string, Command>>;

/** A command's fields, with MongoDB's errors where one has the wrong type. */
export class Arguments {
  readonly name: string;
  readonly database: string;

  constructor(private readonly request: Request) {
    this.name = request.name;
    this.database = request.database;
  }

  /** database.collection, from the value of the command's own field. */
  get namespace(): string {
    return namespace(this.database, this.value(this.name));
  }

  value(name: string): unknown {
    return this.request.body.get(name);
  }

  document(name: string): Document {
    const value = this.value(name) ?? new Map<string, unknown>();
    return isDocument(value) ? value : this.refuseType(name, 'object');
  }

  /** A whole number that is not negative. */
  size(name: string, otherwise: number): number {
    const value = this.value(name) ?? null;
    const number = value === null ? otherwise : (toNumber(value) ?? NaN);
    if (Number.isNaN(number)) return this.refuseType(name, 'number');
    if (number < 0) throw new MongoError(51024, `BSON field '${name}' value must be >= 0, but is ${number}`);
    return Math.trunc(number);
  }

  flag(name: string, otherwise = false): boolean {
    return isTruthy(this.value(name) ?? otherwise);
  }

  cursorId(value: unknown): bigint {
    return value instanceof Long ? value.toBigInt() : this.refuseType(this.name, 'long');
  }

  /** The documents of an insert, as bytes. */
  get documents(): readonly Buffer[] {
    return this.request.lists.get('documents') ?? this.list('documents').map(encode);
  }

  list(name: string): Document[] {
    const list = this.request.lists.get(name)?.map((bytes) => decode(bytes)) ?? this.required(name);
    return Array.isArray(list) && list.every(isDocument) ? list : this.refuseType(name, 'array of objects');
  }

  /** A required field of the command. */
  required(name: string): unknown {
    const value = this.value(name);
    if (value === undefined)
      throw new MongoError(40414, `BSON field '${this.name}.${name}' is missing but a required field`);
    return value;
  }

  private refuseType(name: string, type: string): never {
    throw new MongoError('TypeMismatch', `BSON field '${this.name}.${name}' is not of the type '${type}'`);
  }
}

const DATABASE_NAME = /^[^/\\. "$*<>:|?\0]{1,63}$/;

/** Joins and checks the two parts of a namespace. */
export function namespace(database: string, collection: unknown): string {
  const full = `${database}.${String(collection)}`;
  const isName = typeof collection === 'string' && /^(?!\.|system\.)[^$\0]+$/.test(collection);
  if (!isName || !DATABASE_NAME.test(database) || Buffer.byteLength(full) > 255)
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${full}'`);
  return full;
}
