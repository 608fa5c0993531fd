import fs from 'node:fs';
import { hostname } from 'node:os';
import { tryLock } from 'fs-native-extensions';
import { DirectoryInUseError } from '../errors.js';

/**
 * Makes this process the only owner of the directory that `file` is in; gives what ends that. Throws
 * DirectoryInUseError, naming `path`, when it has another owner.
 *
 * The proof is a lock on the file, which the kernel holds for the open file and drops when that is closed, however the
 * process ends (an OFD lock on Linux, `flock` on macOS, `LockFileEx` on Windows). It does not ask for process ids, so
 * neither a reused one nor a container, in which everybody is number 1, can fool it; and as it belongs to the open
 * file, it keeps two stores of one process apart as well.
 */
export function takeOwnership(file: string, path: string): () => void {
  const descriptor = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  try {
    // Of a byte far behind the text: on Windows what is locked can't be read by others.
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

/** What the owner wrote, for a person; undefined in the instant before it has. */
function ownerIn(file: string): string | undefined {
  return /^the process with pid \d+ on \S+$/m.exec(fs.readFileSync(file, 'latin1'))?.[0];
}
