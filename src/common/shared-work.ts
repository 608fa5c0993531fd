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
