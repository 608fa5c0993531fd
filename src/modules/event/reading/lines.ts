/** Does what is asked for under one key one after the other, so that whoever asks for much waits for himself only. */
export class Lines {
  private readonly last = new Map<string, Promise<void>>();

  /** Does some work when all that came before under the same key is over, whatever became of it. */
  after<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.last.get(key) ?? Promise.resolve()).then(work);
    const over: Promise<void> = result.then(ignore, ignore).then(() => {
      if (this.last.get(key) === over) this.last.delete(key);
    });
    this.last.set(key, over);
    return result;
  }
}

function ignore(): void {
  // whoever asked for it is told
}
