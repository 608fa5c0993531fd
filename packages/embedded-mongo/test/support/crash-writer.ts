import { createHash } from 'node:crypto';
import type mongoose from 'mongoose';

type Collection = mongoose.mongo.Collection<Item>;

export interface Item {
  _id: string;
  writer: number;
  /** Unique together with the writer. Updates change it, so that entries of the unique index come and go. */
  place: number;
  revision: number;
  text: string;
  /** A checksum of the fields above, which reveals a document that mixes two versions. */
  check: string;
}

export function item(writer: number, id: string, place: number, revision: number): Item {
  const text = `${id} `.repeat(1 + ((place * 7 + revision) % 60));
  const check = createHash('sha256').update(`${writer} ${id} ${place} ${revision} ${text}`).digest('hex');
  return { _id: id, writer, place, revision, text, check };
}

/**
 * A client that writes to its own documents, one command after the other, and records what was acknowledged. The
 * interrupted last command may have been executed or not, but only completely.
 */
export class CrashWriter {
  readonly acknowledged = new Map<string, Item>();
  /** The documents if the last command was executed. */
  pending: ReadonlyMap<string, Item> | undefined;
  commands = 0;
  private next = 0;

  constructor(
    private readonly number: number,
    private readonly random: () => number,
  ) {}

  /** Writes until the connection breaks. */
  async run(collection: Collection): Promise<void> {
    for (;;) {
      const after = new Map(this.acknowledged);
      const command = this.choose(collection, after);
      this.pending = after;
      try {
        await command();
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) throw error;
        return;
      }
      this.acknowledged.clear();
      for (const [id, value] of after) this.acknowledged.set(id, value);
      this.pending = undefined;
      this.commands++;
    }
  }

  private choose(collection: Collection, after: Map<string, Item>): () => Promise<unknown> {
    const known = [...after.values()];
    const some = known[Math.floor(this.random() * known.length)];
    const dice = this.random();
    if (!some || dice < 0.35) {
      const made = this.make();
      after.set(made._id, made);
      return () => collection.insertOne(made);
    }
    if (dice < 0.5) {
      const batch = Array.from({ length: 8 }, () => this.make());
      for (const made of batch) after.set(made._id, made);
      return () => collection.insertMany(batch, { ordered: dice < 0.42 });
    }
    if (dice < 0.75) {
      const { _id, ...fields } = item(this.number, some._id, this.next++, some.revision + 1);
      after.set(_id, { _id, ...fields });
      return () => collection.updateOne({ _id }, { $set: fields });
    }
    if (dice < 0.9) {
      const { _id, ...fields } = item(this.number, some._id, this.next++, some.revision + 1);
      after.set(_id, { _id, ...fields });
      return () => collection.findOneAndUpdate({ _id, revision: some.revision }, { $set: fields });
    }
    after.delete(some._id);
    return () => collection.deleteOne({ writer: this.number, place: some.place });
  }

  private make(): Item {
    const place = this.next++;
    return item(this.number, `${this.number}-${place}`, place, 0);
  }
}
