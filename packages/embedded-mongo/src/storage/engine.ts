import { open, type RootDatabase } from 'lmdb';
import { GroupCommit } from './group-commit.js';

/** Keys between `from` and `to`; no stored key equals either. */
export interface KeyRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** LMDB's limit for a key with pages of 4 KiB. */
export const MAX_KEY_BYTES = 1978;

/**
 * One ordered map of bytes on disk.
 *
 * Durability: without `overlappingSync`, LMDB's mdb_txn_commit writes the pages, syncs them (mdb_env_sync0), writes the
 * meta page through a descriptor opened with O_DSYNC (mdb_env_write_meta), and only then increments the number by which
 * readers find the newest version (mti_txnid). lmdb-js resolves the promise after that call. So what a resolved promise
 * wrote is on disk, and no connection reads anything that is not.
 */
export class Engine {
  private readonly commits: GroupCommit;
  /** Counts the times that other commands may have run: what was read before may be outdated. */
  turn = 0;
  /** The first error of LMDB in a transaction. */
  private cause: unknown;

  private constructor(
    private readonly db: RootDatabase<Buffer, Buffer>,
    committed: (error?: unknown) => void,
  ) {
    this.commits = new GroupCommit((work) => this.commit(work), committed);
  }

  /** `committed` is called after each transaction, before its callers get the result; with the error if it failed. */
  static open(file: string, committed: (error?: unknown) => void): Engine {
    const db = open<Buffer, Buffer>({
      path: file,
      keyEncoder: { writeKey, readKey: copied },
      encoder: {
        encode: (value: Buffer) => value,
        decode: (bytes: Buffer, end: number) => copied(bytes, 0, end),
      },
      overlappingSync: false,
      // Groups are formed by GroupCommit: those of lmdb-js have a promise that nobody handles, and its rejection would
      // end the process.
      eventTurnBatching: false,
    });
    return new Engine(db, committed);
  }

  /** LMDB's own hot copy of a file that any process may write to meanwhile: its state at one moment. */
  static async copy(file: string, target: string): Promise<void> {
    const db = open({ path: file, readOnly: true });
    try {
      await db.backup(target, false);
    } finally {
      await db.close();
    }
  }

  /**
   * Runs synchronous `work` inside a write transaction, and resolves when that is on disk. Work that arrives while an
   * earlier transaction is being synced shares the next one (group commit). An error thrown by `work` rejects the
   * promise (also after the sync) but undoes nothing: check first, then write. If the disk refuses the transaction, all
   * its work is rejected with CommitError, and nothing is stored.
   */
  write<T>(work: () => T): Promise<T> {
    return this.commits.run(work);
  }

  private async commit(work: () => void): Promise<void> {
    this.cause = undefined;
    try {
      await this.db.transaction(work);
    } catch (error) {
      // The cause of a failed commit is a promise of its own, which would end the process if its rejection were not
      // handled.
      const { commitError } = error as { commitError?: Promise<never> };
      const reason: unknown = await commitError?.catch((cause: unknown) => cause);
      throw new CommitError(this.cause ?? reason ?? error);
    }
  }

  get(key: Buffer): Buffer | undefined {
    const value = this.db.getBinaryFast(key);
    return value && copied(value, 0, value.length);
  }

  /** Only inside `write`. */
  put(key: Buffer, value: Buffer): void {
    this.change(() => this.db.put(key, value));
  }

  /** Only inside `write`. */
  remove(key: Buffer): void {
    this.change(() => this.db.remove(key));
  }

  private change(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      // After its first error, LMDB reports only that the transaction is invalid.
      throw (this.cause ??= error) as Error;
    }
  }

  /**
   * Up to `limit` entries of the range in key order (or in reverse), after the key `after`, without the first `offset`.
   * LMDB skips those at some 50 ns each; reading one takes 1 µs.
   */
  entries({ from, to }: KeyRange, backwards: boolean, limit: number, after?: Buffer, offset = 0): Entry[] {
    const start = after ?? (backwards ? to : from);
    const end = backwards ? from : to;
    const exclusiveStart = after !== undefined;
    return [...this.db.getRange({ start, end, reverse: backwards, limit, offset, exclusiveStart })];
  }

  /** How many entries the range has. */
  count({ from, to }: KeyRange): number {
    return this.db.getKeysCount({ start: from, end: to });
  }

  /** All entries of the range, read in chunks. */
  *all(range: KeyRange): Generator<Entry> {
    let after: Buffer | undefined;
    do {
      const entries = this.entries(range, false, 1000, after);
      yield* entries;
      after = entries.at(-1)?.key;
    } while (after);
  }

  async close(): Promise<void> {
    await this.commits.idle();
    await this.db.close();
  }
}

function writeKey(key: Buffer, target: Buffer, start: number): number {
  target.set(key, start);
  return start + key.length;
}

/** LMDB reuses its buffer for the next read. Small copies come from Node's pool, which lmdb-js does not use. */
function copied(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
  return copy;
}

/** The disk refused a transaction, and nothing of it is stored. */
export class CommitError extends Error {
  override readonly name = 'CommitError';

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`The disk refused a write (is it full?): ${reason}`, { cause });
  }
}
