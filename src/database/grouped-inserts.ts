import { type Collection } from 'mongoose';
import { isDuplicateKey, unorderedOutcomes } from './mongo-errors.js';

/** Documents that go in one command at most; more make commands of their own. */
const MAX_GROUP = 100;

interface Waiting {
  readonly document: object;
  readonly resolve: (stored: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Inserts documents one by one, for its callers; those that are asked for in the same turn of the event loop go in
 * one command. To the driver and to the store, a command costs several times what a document in it costs.
 *
 * The command is unordered: each document is stored or refused by itself. Only where the command as a whole fails do
 * its documents share a fate, which is then known of none.
 */
export class GroupedInserts<Document extends object> {
  private waiting: Waiting[] = [];

  constructor(private readonly collection: Collection) {}

  /** @returns whether it was stored; if not, a unique index refused it. */
  insert(document: Document): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) {
        setImmediate(() => {
          this.send();
        });
      }
      // A copy: the driver adds an _id.
      this.waiting.push({ document: { ...document }, resolve, reject });
    });
  }

  private send(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (let start = 0; start < waiting.length; start += MAX_GROUP) {
      void this.store(waiting.slice(start, start + MAX_GROUP));
    }
  }

  private async store(group: readonly Waiting[]): Promise<void> {
    const documents = group.map(({ document }) => document);
    try {
      const outcomes =
        documents.length === 1
          ? await this.insertOne(documents[0] as object)
          : await this.insertMany(documents);
      group.forEach(({ resolve, reject }, index) => {
        const outcome = outcomes[index];
        if (typeof outcome === 'boolean') resolve(outcome);
        else reject(outcome);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  private async insertOne(document: object): Promise<[boolean]> {
    try {
      await this.collection.insertOne(document);
      return [true];
    } catch (error) {
      if (isDuplicateKey(error)) return [false];
      throw error;
    }
  }

  private async insertMany(documents: readonly object[]): Promise<readonly unknown[]> {
    try {
      await this.collection.insertMany([...documents], { ordered: false });
      return documents.map(() => true);
    } catch (error) {
      return unorderedOutcomes(error, documents.length);
    }
  }
}
