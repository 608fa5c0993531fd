import { type Collection } from 'mongoose';
import { refusalBy, unorderedOutcomes, type InsertOutcome } from './mongo-errors.js';
import { inSameTurn } from './same-turn.js';

/**
 * Inserts documents one by one, for its callers, and those of the same turn in one command.
 *
 * The command is unordered: each document is stored or refused by itself. Only where the command as a whole fails do
 * its documents share a fate, which is then known of none.
 */
export class GroupedInserts<Document extends object> {
  /** Inserts a document, unless a unique index refuses it. */
  readonly insert = inSameTurn((documents: readonly Document[]) => this.insertAll(documents));

  constructor(private readonly collection: Collection) {}

  private async insertAll(documents: readonly Document[]): Promise<(InsertOutcome | Error)[]> {
    const copies = documents.map((document) => ({ ...document })); // the driver adds an _id
    try {
      if (copies.length === 1) await this.collection.insertOne(copies[0] as object);
      else await this.collection.insertMany(copies, { ordered: false });
      return copies.map(() => ({ stored: true }));
    } catch (error) {
      return copies.length === 1 ? [refusalBy(error)] : unorderedOutcomes(error, copies.length);
    }
  }
}
