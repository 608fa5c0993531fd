import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedMongoError } from './errors.js';

export const STORE_FILE = 'store.mdb';
export const OWNER_FILE = 'owner.lock';
export const PARTIAL_BACKUP = 'store.mdb.partial';
const SOCKET_FILE = 'mongo.sock';

/** An earlier version also kept an `owner.mdb`. */
const OUR_FILES = /^((store|owner)\.mdb(-lock|\.partial)?|owner\.lock|mongo\.sock)$/;

/** What may lie beside them: hidden files, and what a file system keeps at its root. */
const NOTHING = /^(\..*|lost\+found)$/;

/** The longest path a Unix socket can have on every system. */
const MAX_SOCKET_PATH = 103;

/**
 * Creates the directory and makes it private, unless it belongs to somebody else who lets us write there, as a mounted
 * volume may. Throws EmbeddedMongoError if it can't be used.
 */
export function prepareDirectory(path: string): string {
  try {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
    const directory = fs.realpathSync(path);
    const files = fs.readdirSync(directory).filter((name) => !NOTHING.test(name));
    fs.accessSync(path, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    const foreign = files.find((name) => !OUR_FILES.test(name));
    if (foreign !== undefined && !files.includes(STORE_FILE))
      throw new EmbeddedMongoError(
        `The data directory ${path} holds something else (${foreign}); choose an empty one.`,
      );
    if (fs.statSync(directory).uid === process.getuid?.()) fs.chmodSync(directory, 0o700);
    return directory;
  } catch (error) {
    if (error instanceof EmbeddedMongoError) throw error;
    throw new EmbeddedMongoError(`The data directory ${path} can't be used: ${(error as Error).message}.`);
  }
}

/** The size of LMDB's reader table, and the space that a new store needs at once. */
const LOCK_FILE_BYTES = 16_384;
const FIRST_BYTES = 65_536;

/** Allocates the blocks of LMDB's lock file: on a full disk, writing to the mapped file would crash the process. */
export function reserveLockFile(file: string): void {
  if (fs.statSync(file, { throwIfNoEntry: false })?.size === LOCK_FILE_BYTES) return;
  fs.writeFileSync(file, Buffer.alloc(LOCK_FILE_BYTES + FIRST_BYTES), { mode: 0o600 });
  fs.truncateSync(file, LOCK_FILE_BYTES);
}

/**
 * Prepares the path of the socket: in the directory or, if that path is too long for a socket, in the temporary directory.
 * Makes sure that only the owner can enter it, and removes a socket that a killed process has left. Call it only as the
 * owner of the data directory.
 */
export function prepareSocket(directory: string): string {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  const near = join(directory, SOCKET_FILE);
  const isShort = Buffer.byteLength(near) <= MAX_SOCKET_PATH;
  const path = isShort ? near : join(tmpdir(), `embedded-mongo-${name}`, SOCKET_FILE);
  const parent = dirname(path);
  if (parent !== directory) {
    fs.mkdirSync(parent, { recursive: true, mode: 0o700 });
    const { uid, mode } = fs.lstatSync(parent);
    // Another user could have created it first, to listen in our place.
    if (uid !== process.getuid?.() || (mode & 0o777) !== 0o700) {
      throw new EmbeddedMongoError(
        `${parent} belongs to somebody else; remove it or use a shorter data path.`,
      );
    }
  }
  fs.rmSync(path, { force: true });
  return path;
}
