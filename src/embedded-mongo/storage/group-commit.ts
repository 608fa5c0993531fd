/** One piece of work: it runs in a transaction, and is settled when the outcome of that is known. */
interface Job {
  /** Does the work; answers how to tell its result. */
  readonly run: () => () => void;
  readonly refuse: (error: unknown) => void;
}

/**
 * One transaction at a time, for all work that arrived while the one before it was being synced.
 *
 * No work runs before the fate of all earlier work is known: it can rely on what memory says of the disk.
 */
export class GroupCommit {
  private readonly waiting: Job[] = [];
  private working: Promise<void> | undefined;

  constructor(
    /** Runs synchronous work in a transaction; resolves when that is on disk, and rejects when nothing of it is. */
    private readonly commit: (work: () => void) => Promise<void>,
    /** Called once for each transaction, before its work is settled; with the error of one that failed. */
    private readonly committed: (error?: unknown) => void,
  ) {}

  /** Resolves or rejects with what `work` gave or threw when the transaction is on disk, else with its error. */
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

  /** Waits for all work that was given. */
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
      // The transaction did not even begin.
      if (group.length === 0) group = this.waiting.splice(0);
    }
    this.committed(failure);
    for (const [i, { refuse }] of group.entries()) {
      if (failure === undefined) settle[i]?.();
      else refuse(failure);
    }
  }
}
