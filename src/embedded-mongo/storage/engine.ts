import { open, type RootDatabase } from 'lmdb';

/** Keys from `from` up to `to`, both as bytes; no stored key equals either. */
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
 * Durability: without `overlappingSync` LMDB's mdb_txn_commit writes the pages, syncs them (mdb_env_sync0), writes
 * the meta page through a descriptor opened with O_DSYNC (mdb_env_write_meta), and only then moves the number by
 * which readers find the newest version (mti_txnid). lmdb-js resolves the promise after that call. So a promise
 * kept is on disk, and nobody, on whatever connection, reads what is not.
 */
export class Engine {
  private constructor(private readonly db: RootDatabase<Buffer, Buffer>) {}

  static open(file: string, mapSize: number | undefined): Engine {
    const db = open<Buffer, Buffer>({
      path: file,
      keyEncoder: { writeKey, readKey: copied },
      encoder: {
        encode: (value: Buffer) => value,
        decode: (bytes: Buffer, end: number) => copied(bytes, 0, end),
      },
      overlappingSync: false,
      // Without a map size lmdb-js lets the map grow with the data.
      ...(mapSize !== undefined && { mapSize }),
    });
    return new Engine(db);
  }

  /**
   * Runs `work`, which must be synchronous, inside a write transaction, and resolves when that is on disk.
   * All work that arrives while an earlier transaction is being synced shares the next one: that is the group commit.
   * An error thrown by `work` rejects (after the sync, too) but undoes nothing: check first, then put.
   */
  async write<T>(work: () => T): Promise<T> {
    try {
      return await this.db.transaction(work);
    } catch (error) {
      // The cause of a failed commit comes as a promise of its own; unheard, it would end the process.
      const cause = (error as { commitError?: Promise<never> }).commitError;
      if (!cause) throw error;
      return await cause.catch((reason: unknown) => {
        throw new CommitError('The write could not be stored.', { cause: reason });
      });
    }
  }

  get(key: Buffer): Buffer | undefined {
    const value = this.db.getBinaryFast(key);
    return value && copied(value, 0, value.length);
  }

  has(key: Buffer): boolean {
    return this.db.getBinaryFast(key) !== undefined;
  }

  /** Only inside `write`. */
  put(key: Buffer, value: Buffer): void {
    void this.db.put(key, value);
  }

  /** Only inside `write`. */
  remove(key: Buffer): void {
    void this.db.remove(key);
  }

  /** Up to `limit` entries of the range in key order (or against it), starting after the key `after`. */
  entries({ from, to }: KeyRange, backwards: boolean, limit: number, after?: Buffer): Entry[] {
    const start = after ?? (backwards ? to : from);
    const end = backwards ? from : to;
    const range = this.db.getRange({
      start,
      end,
      reverse: backwards,
      limit,
      exclusiveStart: after !== undefined,
    });
    return [...range];
  }

  /** What lmdb-js tells of the file, for the statistics commands. */
  bytesOnDisk(): number {
    const { lastPageNumber, pageSize } = this.db.getStats() as { lastPageNumber: number; pageSize: number };
    return (lastPageNumber + 1) * pageSize;
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

function writeKey(key: Buffer, target: Buffer, start: number): number {
  target.set(key, start);
  return start + key.length;
}

/** LMDB's bytes are there until the next read only. Small copies come from Node's pool, which lmdb-js does not use. */
function copied(bytes: Buffer, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
  return copy;
}

/** The disk refused a commit: nothing of it is stored. */
export class CommitError extends Error {
  override readonly name = 'CommitError';
}
