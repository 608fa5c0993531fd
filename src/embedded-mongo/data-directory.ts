import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedMongoError } from './errors.js';

export const STORE_FILE = 'store.mdb';
export const OWNER_FILE = 'owner.mdb';
const SOCKET_FILE = 'mongo.sock';
const OUR_FILES = new Set([STORE_FILE, `${STORE_FILE}-lock`, OWNER_FILE, `${OWNER_FILE}-lock`, SOCKET_FILE]);

/** The longest path a Unix socket can have on every system. */
const MAX_SOCKET_PATH = 103;

/** Makes the directory, readable by its owner only. Throws EmbeddedMongoError when it can't serve. */
export function prepareDirectory(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const directory = realpathSync(path);
    const files = readdirSync(directory).filter((name) => !name.startsWith('.'));
    const foreign = files.find((name) => !OUR_FILES.has(name));
    if (foreign !== undefined && !files.includes(STORE_FILE)) {
      throw new EmbeddedMongoError(
        `The data directory ${path} holds something else (${foreign}); choose an empty one.`,
      );
    }
    const strange = [STORE_FILE, OWNER_FILE].find((name) => !looksLikeOurs(join(directory, name)));
    if (strange !== undefined) {
      throw new EmbeddedMongoError(`${join(path, strange)} was not written by this store, or it is damaged.`);
    }
    chmodSync(directory, 0o700);
    return directory;
  } catch (error) {
    if (error instanceof EmbeddedMongoError) throw error;
    throw new EmbeddedMongoError(`The data directory ${path} can't be used: ${(error as Error).message}.`);
  }
}

/** LMDB's mark in both meta pages. It must be looked for before LMDB maps the file: that trusts what it finds. */
const MAGIC = 0xbeefc0de;
const PAGE_HEADER_BYTES = 24;

/** A missing or empty file is one that a killed process was just making. */
function looksLikeOurs(file: string): boolean {
  if (!existsSync(file) || statSync(file).size === 0) return true;
  const page = Buffer.alloc(PAGE_HEADER_BYTES + 4);
  const descriptor = openSync(file, 'r');
  try {
    return readSync(descriptor, page) === page.length && page.readUInt32LE(PAGE_HEADER_BYTES) === MAGIC;
  } finally {
    closeSync(descriptor);
  }
}

/** Where the socket goes: into the directory, or where that path is too long for one, into the temporary directory. */
export function socketOf(directory: string): string {
  const path = join(directory, SOCKET_FILE);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(tmpdir(), `embedded-mongo-${name}`, SOCKET_FILE);
}

/**
 * Makes room for the socket: a directory that only its owner can enter, and no socket left by a killed process. Only
 * the data directory's owner calls this.
 */
export function prepareSocket(directory: string): string {
  const path = socketOf(directory);
  const parent = dirname(path);
  if (parent !== directory) {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(parent);
    // Somebody else could have made it first, to listen in our place.
    if (uid !== process.getuid?.() || (mode & 0o777) !== 0o700) {
      throw new EmbeddedMongoError(
        `${parent} belongs to somebody else; remove it or use a shorter data path.`,
      );
    }
  }
  rmSync(path, { force: true });
  return path;
}
