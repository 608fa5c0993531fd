import { MongoError } from '../errors.js';

interface Cursor {
  readonly namespace: string;
  readonly documents: Held;
  lastUsed: number;
}

/** A batch and the id of the cursor that has the rest, 0n where there is no rest. */
export interface Batch {
  readonly documents: Buffer[];
  readonly id: bigint;
}

/** A batch stays below a message's limit, and below MongoDB's for a batch. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const MAX_CURSORS = 1000;
const IDLE_MS = 10 * 60 * 1000;

/** The cursors that wait for a getMore: at most a thousand, each for at most ten minutes. */
export class Cursors {
  /** In the order of their last use. */
  private readonly open = new Map<bigint, Cursor>();
  /** From anywhere, so that none is given twice by a store that was restarted, whatever its clock says. */
  private nextId = BigInt(Math.floor(Math.random() * 2 ** 47)) * 1000n;
  private readonly sweeper = setInterval(() => {
    const limit = performance.now() - IDLE_MS;
    for (const [id, { lastUsed }] of this.open) if (lastUsed < limit) this.open.delete(id);
  }, IDLE_MS / 10).unref();

  /** The first batch of a query; with `single` the only one. */
  start(namespace: string, documents: Iterator<Buffer>, batchSize: number, single = false): Batch {
    const held = new Held(documents);
    const first = held.take(batchSize);
    if (single || (batchSize > 0 && held.isDone())) return { documents: first, id: 0n };
    const [oldest] = this.open.keys();
    if (oldest !== undefined && this.open.size >= MAX_CURSORS) this.open.delete(oldest);
    const id = this.nextId++;
    this.open.set(id, { namespace, documents: held, lastUsed: performance.now() });
    return { documents: first, id };
  }

  /** The next batch; throws CursorNotFound for a cursor that is not (or no longer) there. */
  more(id: bigint, namespace: string, batchSize: number): Batch {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace)
      throw new MongoError('Unauthorized', `The cursor asked for in '${namespace}' has another namespace`);
    // It comes back as the one used last, unless it is done or has failed.
    this.open.delete(id);
    const documents = cursor.documents.take(batchSize);
    if (cursor.documents.isDone()) return { documents, id: 0n };
    cursor.lastUsed = performance.now();
    this.open.set(id, cursor);
    return { documents, id };
  }

  /** Whether there was such a cursor. */
  kill(id: bigint): boolean {
    return this.open.delete(id);
  }

  close(): void {
    clearInterval(this.sweeper);
    this.open.clear();
  }
}

/** Documents one of which may have been looked at already: a batch is full before its next one is known to be too large. */
class Held {
  private ahead: IteratorResult<Buffer, unknown> | undefined;

  constructor(private readonly source: Iterator<Buffer, unknown>) {}

  isDone(): boolean {
    this.ahead ??= this.source.next();
    return this.ahead.done === true;
  }

  take(most: number): Buffer[] {
    const batch: Buffer[] = [];
    let bytes = 0;
    while (batch.length < most) {
      this.ahead ??= this.source.next();
      if (this.ahead.done) break;
      bytes += this.ahead.value.length;
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
      batch.push(this.ahead.value);
      this.ahead = undefined;
    }
    return batch;
  }
}
