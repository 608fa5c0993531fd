/** Does what takes long once for all who ask for the same meanwhile. */
export class SharedWork<Result> {
  private readonly underWay = new Map<string, Promise<Result>>();

  /** The result of the work of this key that is under way, or else of `begin`. */
  run(key: string, begin: () => Promise<Result>): Promise<Result> {
    const underWay = this.underWay.get(key) ?? begin().finally(() => this.underWay.delete(key));
    this.underWay.set(key, underWay);
    return underWay;
  }
}

/**
 * Does work once for all who ask for the same in one turn of the event loop, and begins it afterwards: so its result has
 * what was announced before they asked.
 */
export class SharedTurn<Result> {
  private readonly asked = new Map<string, Promise<Result>>();

  run(key: string, work: () => Promise<Result>): Promise<Result> {
    let result = this.asked.get(key);
    if (!result) {
      result = new Promise((resolve) => setImmediate(resolve)).then(() => {
        this.asked.delete(key);
        return work();
      });
      this.asked.set(key, result);
    }
    return result;
  }
}
