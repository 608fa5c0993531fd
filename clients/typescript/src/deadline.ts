/**
 * Aborts its `signal` when nothing was heard for some time, or when an outer signal is aborted.
 *
 * Not `AbortSignal.any`: of every combination, Node.js keeps something at the outer signal for as long as that lives.
 */
export class Deadline {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ms the time, in milliseconds. */
  constructor(
    private readonly ms: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    outer?.addEventListener('abort', this.abort);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Starts the time anew. */
  readonly heard = (): void => {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.controller.abort(new DOMException(`Nothing came for ${this.ms} ms`, 'TimeoutError'));
    }, this.ms);
  };

  /** Aborts what is still under way, and leaves nothing behind. */
  close(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.abort);
    this.controller.abort();
  }

  private readonly abort = () => {
    this.controller.abort(this.outer?.reason);
  };
}
