import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { DirectoryInUseError } from '../errors.js';

/** Directories this process owns; LMDB's reader table below can't tell two owners in one process apart. */
const ownedHere = new Set<string>();

/**
 * Proof that this process alone owns a directory.
 *
 * Node has no flock, but LMDB has: a reader's slot in the lock file is held by an fcntl lock on its process id, which
 * the kernel releases with the process however it dies, so neither SIGKILL nor a reused process id leaves a false
 * owner. A small LMDB environment of its own serves as that table: each contender first takes a slot, then looks
 * who else has one. Of two that start in the same instant at least one sees the other, so there are never two owners.
 */
export class Ownership {
  private constructor(
    private readonly directory: string,
    private readonly table: RootDatabase<Buffer, Buffer>,
  ) {}

  /** Throws DirectoryInUseError, naming the owner's process id, when the directory has another owner. */
  static async take(path: string, file: string): Promise<Ownership> {
    const directory = realpathSync(path);
    if (ownedHere.has(directory)) throw new DirectoryInUseError(path, process.pid);
    ownedHere.add(directory);
    try {
      // Two that start together may both step back; the pauses differ, so that soon one finds itself alone.
      for (let attempt = 1; ; attempt++) {
        const table = open<Buffer, Buffer>({ path: join(directory, file), overlappingSync: false });
        table.useReadTransaction();
        table.readerCheck();
        const other = processesIn(table).find((pid) => pid !== process.pid);
        if (other === undefined) return new Ownership(directory, table);
        await table.close();
        if (attempt === 3) throw new DirectoryInUseError(path, other);
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 100));
      }
    } catch (error) {
      ownedHere.delete(directory);
      throw error;
    }
  }

  async release(): Promise<void> {
    await this.table.close();
    ownedHere.delete(this.directory);
  }
}

/** LMDB lists its readers as lines of pid, thread and transaction. */
function processesIn(table: RootDatabase<Buffer, Buffer>): number[] {
  return [...table.readerList().matchAll(/^\s*(\d+)\s+[0-9a-f]+\s+(?:-|\d+)/gim)].map((line) =>
    Number(line[1]),
  );
}
