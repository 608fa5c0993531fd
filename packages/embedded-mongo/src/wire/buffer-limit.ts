import { setImmediate as nextTurn } from 'node:timers/promises';

/** A connection that keeps bytes in memory until its client continues. */
export interface BufferOwner {
  /** Releases all bytes soon. */
  cut(reason: string): void;
}

/**
 * Limits the bytes that all connections together hold in unfinished messages and unread replies. Each connection is
 * limited by itself (to one message and one reply), but many stalled clients could fill the memory. Beyond `most`
 * bytes, the connections that have stalled for longest are cut, and no command runs until they have released their
 * bytes.
 */
export class BufferLimit {
  /** In the order of their last progress. */
  private readonly owners = new Map<BufferOwner, number>();
  private total = 0;

  constructor(private readonly most: number) {}

  /** Records that a connection has made progress, and how many bytes it holds now. */
  record(owner: BufferOwner, bytes: number): void {
    this.total += bytes - (this.owners.get(owner) ?? 0);
    this.owners.delete(owner);
    if (bytes > 0) this.owners.set(owner, bytes);
    let left = this.total;
    for (const [oldest, its] of this.owners) {
      if (left <= this.most) return;
      left -= its;
      oldest.cut('too many clients leave answers untaken or messages unfinished');
    }
  }

  /** Whether the limit is exceeded, until connections that were cut have released their bytes. */
  get isExceeded(): boolean {
    return this.total > this.most;
  }

  /** Resolves when the limit is not exceeded any more. */
  async untilRoom(): Promise<void> {
    while (this.isExceeded) await nextTurn();
  }
}
