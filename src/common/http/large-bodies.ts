import { type Response } from 'express';
import { whenOver } from './connections.js';

/** Bodies of this size or more wait for their turn; nearly all are smaller, and are processed at once. */
const LARGE = 16 * 1024;

/**
 * How many bytes of large bodies are processed at once. Parsing 256 KiB can take 50 ms and 20 times as much memory.
 */
const AT_ONCE = 1024 * 1024;

/** A body that takes this many milliseconds or more is followed by a pause. 256 KiB of plain text take a few. */
const LONG_MS = 10;

/**
 * Processes large bodies one after the other, so that other requests are answered in between, and drops those whose
 * requests are over by then. After a body that took long, the others get as much time as it took: one turn of the event
 * loop would not be enough, since even a small request takes several, and waits for the store between them.
 */
export class LargeBodies {
  private readonly queue = new Map<Response, { readonly bytes: number; readonly run: () => void }>();
  private bytes = 0;
  private scheduled = false;
  /** When the pause after the last one is over. */
  private notBefore = 0;

  /** @returns whether a body has to wait for its turn. */
  isLarge(bytes: number): boolean {
    return bytes >= LARGE;
  }

  /** Runs the work on a body when it is its turn. */
  await(response: Response, bytes: number, run: () => void): void {
    this.queue.set(response, { bytes, run });
    whenOver(response, () => {
      if (!this.queue.delete(response)) this.bytes -= bytes;
      this.schedule();
    });
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.queue.size === 0) return;
    this.scheduled = true;
    const go = () => {
      this.scheduled = false;
      this.next();
    };
    const pauseMs = this.notBefore - performance.now();
    if (pauseMs > 0) setTimeout(go, pauseMs);
    else setImmediate(go);
  }

  private next(): void {
    for (const [response, { bytes, run }] of this.queue) {
      if (this.bytes > 0 && this.bytes + bytes > AT_ONCE) return;
      this.queue.delete(response);
      this.bytes += bytes;
      const since = performance.now();
      run();
      const now = performance.now();
      if (now - since >= LONG_MS) this.notBefore = now + (now - since);
      this.schedule();
      return;
    }
  }
}
