import fs from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { OWNER_FILE, STORE_FILE } from '../data-directory.js';
import { DirectoryInUseError } from '../errors.js';

/**
 * Makes this process the owner of the store in `directory`, until it is released. Throws DirectoryInUseError, with `path`, if
 * it already has an owner. The data file is named as it is without links.
 *
 * The lock is on the data file, which is created if it is missing: so it is the same lock by whatever name the file is
 * reached. `owner.lock` only says who the owner is. The kernel holds a lock for the open file and releases it when that is
 * closed, however the process ends (an OFD lock on Linux, `flock` on macOS, `LockFileEx` on Windows). So neither a reused
 * process id nor a container, in which every process has number 1, can be mistaken for the owner, and two stores in one
 * process exclude each other too.
 */
export function takeOwnership(directory: string, path: string) {
  const file = join(directory, STORE_FILE);
  const descriptor = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
  const release = () => {
    fs.closeSync(descriptor);
  };
  try {
    const note = join(dirname(fs.realpathSync(file)), OWNER_FILE);
    if (!tryLock(descriptor, LOCKED_BYTE, 1)) throw new DirectoryInUseError(path, ownerIn(note));
    fs.writeFileSync(note, `the process with pid ${process.pid} on ${hostname()}\n`, { mode: 0o600 });
    return { file: fs.realpathSync(file), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Far behind all content, since on Windows others can't read what is locked. */
const LOCKED_BYTE = 2 ** 60;

/** The owner as written in the file; undefined if it has not been written yet. */
function ownerIn(file: string): string | undefined {
  if (!fs.existsSync(file)) return undefined;
  return /^the process with pid \d+ on \S+$/m.exec(fs.readFileSync(file, 'latin1'))?.[0];
}
