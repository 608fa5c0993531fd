import { MongoError } from '../errors.js';

interface Cursor {
  readonly namespace: string;
  readonly documents: Iterator<Buffer>;
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
  private readonly open = new Map<bigint, Cursor>();
  private nextId = BigInt(Date.now()) * 1000n;
  private readonly sweeper: NodeJS.Timeout;

  constructor() {
    this.sweeper = setInterval(() => {
      this.sweep();
    }, IDLE_MS / 10);
    this.sweeper.unref();
  }

  get size(): number {
    return this.open.size;
  }

  /** The first batch of a query. */
  start(namespace: string, documents: Iterator<Buffer>, batchSize: number, single: boolean): Batch {
    const held = new Held(documents);
    const first = takeBatch(held, batchSize);
    if (single || (batchSize > 0 && held.isDone())) return { documents: first, id: 0n };
    if (this.open.size >= MAX_CURSORS) this.dropOldest();
    const id = this.nextId++;
    this.open.set(id, { namespace, documents: held, lastUsed: Date.now() });
    return { documents: first, id };
  }

  /** The next batch; throws CursorNotFound for a cursor that is not (or no longer) there. */
  more(id: bigint, namespace: string, batchSize: number): Batch {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace) {
      throw new MongoError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but the cursor has another`,
      );
    }
    cursor.lastUsed = Date.now();
    const held = cursor.documents as Held;
    try {
      const documents = takeBatch(held, batchSize);
      if (!held.isDone()) return { documents, id };
      this.open.delete(id);
      return { documents, id: 0n };
    } catch (error) {
      this.open.delete(id);
      throw error;
    }
  }

  /** Whether there was such a cursor. */
  kill(id: bigint): boolean {
    return this.open.delete(id);
  }

  close(): void {
    clearInterval(this.sweeper);
    this.open.clear();
  }

  private sweep(): void {
    const limit = Date.now() - IDLE_MS;
    for (const [id, { lastUsed }] of this.open) if (lastUsed < limit) this.open.delete(id);
  }

  private dropOldest(): void {
    let oldest: [id: bigint, lastUsed: number] | undefined;
    for (const [id, { lastUsed }] of this.open) {
      if (!oldest || lastUsed < oldest[1]) oldest = [id, lastUsed];
    }
    if (oldest) this.open.delete(oldest[0]);
  }
}

/** An iterator one can look ahead in: a batch is full before its next document is known to be too large. */
class Held implements Iterator<Buffer> {
  private ahead: IteratorResult<Buffer, unknown> | undefined;

  constructor(private readonly source: Iterator<Buffer, unknown>) {}

  peek(): Buffer | undefined {
    this.ahead ??= this.source.next();
    return this.ahead.done ? undefined : this.ahead.value;
  }

  isDone(): boolean {
    return this.peek() === undefined;
  }

  next(): IteratorResult<Buffer> {
    const value = this.peek();
    if (value === undefined) return { done: true, value: undefined };
    this.ahead = undefined;
    return { done: false, value };
  }
}

function takeBatch(documents: Held, batchSize: number): Buffer[] {
  const batch: Buffer[] = [];
  let bytes = 0;
  while (batch.length < batchSize) {
    const next = documents.peek();
    if (!next || (batch.length > 0 && bytes + next.length > MAX_BATCH_BYTES)) break;
    bytes += next.length;
    batch.push(next);
    documents.next();
  }
  return batch;
}
