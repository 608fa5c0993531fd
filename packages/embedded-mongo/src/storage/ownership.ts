import fs from 'node:fs';
import { hostname } from 'node:os';
import { tryLock } from 'fs-native-extensions';
import { DirectoryInUseError } from '../errors.js';

/**
 * Makes this process the owner of the directory that contains `file`, and returns a function that ends this. Throws
 * DirectoryInUseError, with `path`, if it already has an owner.
 *
 * The kernel holds the lock for the open file and releases it when that is closed, however the process ends (an OFD
 * lock on Linux, `flock` on macOS, `LockFileEx` on Windows). So neither a reused process id nor a container, in which
 * every process has number 1, can be mistaken for the owner, and two stores in one process exclude each other too.
 */
export function takeOwnership(file: string, path: string): () => void {
  const descriptor = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  try {
    // It locks a byte far behind the text, since on Windows others can't read what is locked.
    if (!tryLock(descriptor, LOCKED_BYTE, 1)) throw new DirectoryInUseError(path, ownerIn(file));
    fs.ftruncateSync(descriptor);
    fs.writeSync(descriptor, `the process with pid ${process.pid} on ${hostname()}\n`, 0);
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
  return () => {
    fs.closeSync(descriptor);
  };
}

const LOCKED_BYTE = 1024;

/** The owner as written in the file; undefined if it has not been written yet. */
function ownerIn(file: string): string | undefined {
  return /^the process with pid \d+ on \S+$/m.exec(fs.readFileSync(file, 'latin1'))?.[0];
}
