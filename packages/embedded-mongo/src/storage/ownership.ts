import fs from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { OWNER_FILE, STORE_FILE } from '../data-directory.js';
import { DirectoryInUseError } from '../errors.js';
import { Engine } from './engine.js';

/** A store that no other process can open meanwhile. */
export interface Owned {
  /** The data file, wherever a link leads. */
  readonly file: string;
  readonly release: () => void;
}

/**
 * Makes this process the owner of the store in `directory`. Throws DirectoryInUseError, with `path`, if it already has an
 * owner.
 *
 * The lock is on the data file, which is created if it is missing: so it is the same lock by whatever name the file is
 * reached. Earlier versions locked `owner.lock`, which is locked too, and says who the owner is. The kernel holds a lock
 * for the open file and releases it when that is closed, however the process ends (an OFD lock on Linux, `flock` on macOS,
 * `LockFileEx` on Windows). So neither a reused process id nor a container, in which every process has number 1, can be
 * mistaken for the owner, and two stores in one process exclude each other too.
 */
export function takeOwnership(directory: string, path: string): Owned {
  const note = join(directory, OWNER_FILE);
  const descriptors: number[] = [];
  const release = () => {
    for (const descriptor of descriptors) fs.closeSync(descriptor);
  };
  try {
    const noteLock = lock(note, NOTE_LOCK, descriptors);
    if (noteLock === undefined) throw new DirectoryInUseError(path, ownerIn(note));
    const isOurs = lock(join(directory, STORE_FILE), DATA_LOCK, descriptors) !== undefined;
    const file = fs.realpathSync(join(directory, STORE_FILE));
    if (!isOurs) throw new DirectoryInUseError(path, ownerOf(file, directory));
    fs.ftruncateSync(noteLock);
    fs.writeSync(noteLock, `the process with pid ${process.pid} on ${hostname()}\n`, 0);
    return { file, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Far behind all content, since on Windows others can't read what is locked. */
const NOTE_LOCK = 1024;
const DATA_LOCK = 2 ** 60;

/** Locks one byte of a file, and returns the descriptor that holds the lock; undefined if another one does. */
function lock(file: string, at: number, opened: number[]): number | undefined {
  const descriptor = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  opened.push(descriptor);
  return tryLock(descriptor, at, 1) ? descriptor : undefined;
}

/** Who has the data file, although nobody has the `owner.lock` of this directory: it is linked here, or that was removed. */
function ownerOf(file: string, directory: string): string | undefined {
  const elsewhere = dirname(file) === directory ? undefined : ownerIn(join(dirname(file), OWNER_FILE));
  const [reader] = elsewhere === undefined ? Engine.readersOf(file) : [];
  return elsewhere ?? (reader === undefined ? undefined : `the process with pid ${reader}`);
}

/** The owner as written in the file; undefined if it has not been written yet. */
function ownerIn(file: string): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  return /^the process with pid \d+ on \S+$/m.exec(fs.readFileSync(file, 'latin1'))?.[0];
}
