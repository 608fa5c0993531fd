import { setImmediate as nextTurn } from 'node:timers/promises';

/** Whoever keeps bytes in memory until its client goes on. */
export interface Holder {
  /** Lets go of everything soon, and holds 0 bytes then. */
  cut(reason: string): void;
}

/**
 * What all connections together keep of unfinished messages and untaken answers. Each is bounded by itself (one
 * message, one answer), but many clients that stand still would take all memory: beyond `most` bytes those are cut
 * that have stood still for longest, and nobody is answered before they have let go.
 */
export class Holdings {
  /** In the order in which they last went on. */
  private readonly holders = new Map<Holder, number>();
  private total = 0;

  constructor(private readonly most: number) {}

  /** Notes that a connection has gone on, and holds so much now. */
  hold(holder: Holder, bytes: number): void {
    this.total += bytes - (this.holders.get(holder) ?? 0);
    this.holders.delete(holder);
    if (bytes > 0) this.holders.set(holder, bytes);
    let left = this.total;
    for (const [oldest, its] of this.holders) {
      if (left <= this.most) return;
      left -= its;
      oldest.cut('too many clients leave answers untaken or messages unfinished');
    }
  }

  /** Whether those that were cut still hold too much. */
  get full(): boolean {
    return this.total > this.most;
  }

  /** Waits for those that were cut. */
  async room(): Promise<void> {
    while (this.full) await nextTurn();
  }
}
