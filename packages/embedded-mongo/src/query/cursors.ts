import { MongoError } from '../errors.js';

interface Cursor {
  readonly namespace: string;
  readonly documents: Held;
  lastUsed: number;
}

/** A batch and the id of the cursor for the rest; 0n if there is no rest. */
export interface Batch {
  readonly documents: Buffer[];
  readonly id: bigint;
}

/** Below the limit of a message, and MongoDB's limit for a batch. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const MAX_CURSORS = 1000;
const IDLE_MS = 10 * 60 * 1000;

/** The open cursors: at most a thousand, each for at most ten minutes without use. */
export class Cursors {
  /** In order of last use. */
  private readonly open = new Map<bigint, Cursor>();
  /** Starts at a random number, so that a restarted store does not reuse ids, whatever its clock says. */
  private nextId = BigInt(Math.floor(Math.random() * 2 ** 47)) * 1000n;
  private readonly sweeper = setInterval(() => {
    const limit = performance.now() - IDLE_MS;
    for (const [id, { lastUsed }] of this.open) if (lastUsed < limit) this.open.delete(id);
  }, IDLE_MS / 10).unref();

  /** The first batch of a query; with `single` the only one, and no cursor is opened. */
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

  /** The next batch. Throws CursorNotFound if the cursor does not exist (any more). */
  more(id: bigint, namespace: string, batchSize: number): Batch {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace)
      throw new MongoError('Unauthorized', `The cursor asked for in '${namespace}' has another namespace`);
    // It becomes the most recently used, unless it is exhausted or fails.
    this.open.delete(id);
    const documents = cursor.documents.take(batchSize);
    if (cursor.documents.isDone()) return { documents, id: 0n };
    cursor.lastUsed = performance.now();
    this.open.set(id, cursor);
    return { documents, id };
  }

  /** Returns whether the cursor existed. */
  kill(id: bigint): boolean {
    return this.open.delete(id);
  }

  close(): void {
    clearInterval(this.sweeper);
    this.open.clear();
  }
}

/** An iterator with one document of look-ahead, since only the next document shows that a batch is full. */
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
