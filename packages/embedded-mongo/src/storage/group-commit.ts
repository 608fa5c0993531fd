/** A piece of work that runs in a transaction, and is settled when the outcome of the transaction is known. */
interface Job {
  /** Does the work. Returns a function that settles its promise. */
  readonly run: () => () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * Runs one transaction at a time, for all work that arrived while the one before was being synced.
 *
 * No work runs before the outcome of all earlier work is known, so it can rely on memory and disk being the same.
 */
export class GroupCommit {
  private readonly waiting: Job[] = [];
  private working: Promise<void> | undefined;

  constructor(
    /** Runs synchronous work in a transaction. Resolves when it is on disk; rejects if nothing of it is. */
    private readonly commit: (work: () => void) => Promise<void>,
    /** Called once for each transaction, before its work is settled; with the error if it failed. */
    private readonly committed: (error?: unknown) => void,
  ) {}

  /** Settles as `work` did when the transaction is on disk, or rejects with the error of the transaction. */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = () => {
        try {
          return resolve.bind(undefined, work());
        } catch (error) {
          return reject.bind(undefined, error);
        }
      };
      this.waiting.push({ run, refuse: reject });
      this.working ??= this.work();
    });
  }

  /** Waits for all pending work. */
  async idle(): Promise<void> {
    await this.working;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) await this.commitGroup();
    this.working = undefined;
  }

  private async commitGroup(): Promise<void> {
    let group: Job[] = [];
    let settle: (() => void)[] = [];
    let failure: unknown;
    try {
      await this.commit(() => {
        group = this.waiting.splice(0);
        settle = group.map(({ run }) => run());
      });
    } catch (error) {
      failure = error;
      // The transaction did not begin.
      if (group.length === 0) group = this.waiting.splice(0);
    }
    this.committed(failure);
    for (const [i, { refuse }] of group.entries()) {
      if (failure === undefined) settle[i]?.();
      else refuse(failure);
    }
  }
}
