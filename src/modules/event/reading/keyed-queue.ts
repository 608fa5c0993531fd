/** Runs work under the same key one after the other, so that a client that asks for much delays only itself. */
export class KeyedQueue {
  private readonly last = new Map<string, Promise<void>>();

  /** Runs `work` when all earlier work under the same key is over, whether it succeeded or not. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.last.get(key) ?? Promise.resolve()).then(work);
    const over: Promise<void> = result.then(ignore, ignore).then(() => {
      if (this.last.get(key) === over) this.last.delete(key);
    });
    this.last.set(key, over);
    return result;
  }
}

function ignore(): void {
  // its caller gets the error
}
