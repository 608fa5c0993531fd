import { type Collection } from 'mongoose';
import { isDuplicateKey, unorderedOutcomes } from './mongo-errors.js';
import { inSameTurn } from './same-turn.js';

/**
 * Inserts documents one by one, for its callers, and those of the same turn in one command.
 *
 * The command is unordered: each document is stored or refused by itself. Only where the command as a whole fails do
 * its documents share a fate, which is then known of none.
 */
export class GroupedInserts<Document extends object> {
  /** @returns whether the document was stored; if not, a unique index refused it. */
  readonly insert = inSameTurn((documents: readonly Document[]) => this.insertAll(documents));

  constructor(private readonly collection: Collection) {}

  private async insertAll(documents: readonly Document[]): Promise<(boolean | Error)[]> {
    const copies = documents.map((document) => ({ ...document })); // the driver adds an _id
    try {
      if (copies.length === 1) await this.collection.insertOne(copies[0] as object);
      else await this.collection.insertMany(copies, { ordered: false });
      return copies.map(() => true);
    } catch (error) {
      if (copies.length > 1) return unorderedOutcomes(error, copies.length);
      if (isDuplicateKey(error)) return [false];
      throw error;
    }
  }
}
