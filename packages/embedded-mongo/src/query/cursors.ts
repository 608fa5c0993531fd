import { MongoError } from '../errors.js';
import type { Pace } from './scan.js';

/** Documents as they are found; undefined where one was looked at that is not among them. */
export type Source = Iterator<Buffer | undefined, void>;

interface Cursor {
  readonly documents: Held;
  readonly lastUsed: number;
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
    for (const [id, { lastUsed }] of this.open) if (lastUsed < limit) this.kill(id);
  }, IDLE_MS / 10).unref();

  /** The first batch of a query; with `single` the only one, and no cursor is opened. */
  async start(source: Source, batchSize: number, single: boolean, pace: Pace): Promise<Batch> {
    const documents = new Held(source);
    const first = await documents.take(batchSize, pace);
    if (single || (batchSize > 0 && (await documents.isDone(pace)))) {
      documents.end();
      return { documents: first, id: 0n };
    }
    const [oldest] = this.open.keys();
    if (oldest !== undefined && this.open.size >= MAX_CURSORS) this.kill(oldest);
    const id = this.nextId++;
    this.open.set(id, { documents, lastUsed: performance.now() });
    return { documents: first, id };
  }

  /** The next batch. Throws CursorNotFound if the cursor does not exist (any more), or is in use. */
  async more(id: bigint, batchSize: number, pace: Pace): Promise<Batch> {
    const cursor = this.open.get(id);
    if (!cursor) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
    this.open.delete(id); // it comes back as the one that was used last, unless it is exhausted or fails
    const { documents } = cursor;
    const batch = await documents.take(batchSize, pace);
    if (await documents.isDone(pace)) return { documents: batch, id: 0n };
    this.open.set(id, { documents, lastUsed: performance.now() });
    return { documents: batch, id };
  }

  /** Returns whether the cursor existed. */
  kill(id: bigint): boolean {
    this.open.get(id)?.documents.end();
    return this.open.delete(id);
  }

  close(): void {
    clearInterval(this.sweeper);
    for (const id of this.open.keys()) this.kill(id);
  }
}

/** Documents with one of look-ahead, since only the next document shows that a batch is full. */
class Held {
  private ahead: Buffer | undefined;
  private ended = false;

  constructor(private readonly source: Source) {}

  async isDone(pace: Pace): Promise<boolean> {
    this.ahead ??= await this.next(pace);
    return this.ahead === undefined;
  }

  async take(most: number, pace: Pace): Promise<Buffer[]> {
    const batch: Buffer[] = [];
    for (let bytes = 0; batch.length < most;) {
      this.ahead ??= await this.next(pace);
      if (!this.ahead) break;
      bytes += this.ahead.length;
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
      batch.push(this.ahead);
      this.ahead = undefined;
    }
    return batch;
  }

  private async next(pace: Pace): Promise<Buffer | undefined> {
    while (!this.ended) {
      if (pace.isOver) await pace.pause();
      const { value, done } = this.source.next();
      if (done) this.ended = true;
      else if (value) return value;
    }
    return undefined;
  }

  end(): void {
    this.ended = true;
    this.source.return?.();
  }
}
