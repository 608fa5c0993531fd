import { decode, type Document, encode, toNumber } from '../bson/documents.js';
import { EmbeddedMongoError } from '../errors.js';
import { Collection, idBytes, idRange } from './collection.js';
import { Engine } from './engine.js';
import { type Index, keyPattern, parseIndex } from './indexes.js';

/** Id 0 is the catalogue; ids from 1 are collections' documents and indexes. */
const CATALOGUE = idRange(0);
const FORMAT_KEY = catalogueKey('format');
const FORMAT = 1;

/** All collections of the store. All changes go through it. */
export class Store {
  private collections = new Map<string, Collection>();
  private nextId = 1;
  /** Whether the disk refused the last transaction. */
  private refusing = false;
  readonly engine: Engine;

  private constructor(
    file: string,
    private readonly log: (line: string) => void,
  ) {
    this.engine = Engine.open(file, (error) => {
      this.committed(error);
    });
  }

  /** Opens the file, or creates it. Throws EmbeddedMongoError if it holds something else. */
  static async open(file: string, log: (line: string) => void): Promise<Store> {
    const store = new Store(file, log);
    const { engine } = store;
    const format = engine.get(FORMAT_KEY);
    const isOurs = format
      ? toNumber(decode(format).get('format')) === FORMAT
      : engine.entries({ from: Buffer.of(0), to: Buffer.of(255) }, false, 1).length === 0;
    if (!isOurs) {
      await engine.close();
      throw new EmbeddedMongoError(
        `${file} was not written by this ${format ? 'version of the ' : ''}store.`,
      );
    }
    if (!format)
      await engine.write(() => {
        engine.put(FORMAT_KEY, encode({ format: FORMAT }));
      });
    store.load();
    return store;
  }

  get(namespace: string): Collection | undefined {
    return this.collections.get(namespace);
  }

  all(): Collection[] {
    return [...this.collections.values()];
  }

  /**
   * Runs synchronous `work` inside a write transaction. Resolves with its result, or rejects with what it threw, when
   * everything it stored is on disk. Until then, only later work sees its writes. Rejects with CommitError if the disk
   * refuses the transaction; then nothing is stored.
   */
  write<T>(work: () => T): Promise<T> {
    return this.engine.write(() => {
      try {
        return work();
      } finally {
        for (const collection of this.collections.values())
          if (collection.changed) this.saveCounts(collection);
      }
    });
  }

  /** Called after each transaction, before the next one begins. */
  private committed(error: unknown): void {
    if (error === undefined) {
      for (const { indexes } of this.collections.values()) for (const index of indexes) index.ready = true;
      if (this.refusing) this.log('The disk takes writes again.');
    } else {
      // Collections, indexes and counts in memory are ahead of the disk that refused the transaction.
      this.load();
      if (!this.refusing)
        this.log(`${(error as Error).message}. What finds no room is refused; reads go on.`);
    }
    this.refusing = error !== undefined;
  }

  /** The collection; if it is missing, it is created with its `_id_` index. Only inside a write. */
  create(namespace: string): Collection {
    const known = this.collections.get(namespace);
    if (known) return known;
    const id = this.nextId++;
    const spec = decode(encode({ key: { _id: 1 }, name: '_id_', unique: true }));
    const index: Index = { ...parseIndex(this.nextId++, spec), ready: true };
    const collection = new Collection(this.engine, namespace, id, [index]);
    this.collections.set(namespace, collection);
    this.save(collection);
    return collection;
  }

  /** Adds an index and fills it. Only inside a write. */
  addIndex(collection: Collection, spec: Document): void {
    const index = parseIndex(this.nextId, spec);
    try {
      collection.build(index);
    } catch (error) {
      this.clear(index.id);
      throw error;
    }
    this.nextId++;
    collection.indexes.push(index);
    this.save(collection);
  }

  /** Only inside a write. */
  dropIndex(collection: Collection, index: Index): void {
    collection.indexes.splice(collection.indexes.indexOf(index), 1);
    this.clear(index.id);
    this.save(collection);
  }

  /** Only inside a write. */
  drop(collection: Collection): void {
    for (const index of collection.indexes) this.clear(index.id);
    this.clear(collection.id);
    this.engine.remove(collectionKey(collection.namespace));
    this.engine.remove(countsKey(collection));
    this.collections.delete(collection.namespace);
  }

  async close(): Promise<void> {
    await this.engine.close();
  }

  /** Reads the catalogue, which is all that a start has to do, however much is stored and however the last run ended. */
  private load(): void {
    this.collections = new Map();
    this.nextId = 1;
    for (const { value } of this.engine.all(CATALOGUE)) {
      const record = decode(value);
      const namespace = record.get('ns');
      if (typeof namespace !== 'string') continue;
      const id = toNumber(record.get('id')) ?? 0;
      const indexes = (record.get('indexes') as Document[]).map(loadIndex);
      const collection = new Collection(this.engine, namespace, id, indexes);
      Object.assign(collection, this.counts(collection));
      this.collections.set(namespace, collection);
      this.nextId = Math.max(this.nextId, id + 1, ...indexes.map((index) => index.id + 1));
    }
  }

  private save({ namespace, id, indexes }: Collection): void {
    const record = {
      ns: namespace,
      id,
      indexes: indexes.map((index) => {
        const { id: indexId, name, unique } = index;
        return { id: indexId, name, key: keyPattern(index), unique };
      }),
    };
    this.engine.put(collectionKey(namespace), encode(record));
  }

  private saveCounts(collection: Collection): void {
    const counts = Buffer.allocUnsafe(16);
    counts.writeDoubleLE(collection.documents, 0);
    counts.writeDoubleLE(collection.bytes, 8);
    this.engine.put(countsKey(collection), counts);
    collection.changed = false;
  }

  /** The number of documents on disk, and their bytes. */
  counts(collection: Collection): { documents: number; bytes: number } {
    const counts = this.engine.get(countsKey(collection));
    return { documents: counts?.readDoubleLE(0) ?? 0, bytes: counts?.readDoubleLE(8) ?? 0 };
  }

  private clear(id: number): void {
    for (const { key } of this.engine.all(idRange(id))) this.engine.remove(key);
  }
}

function catalogueKey(name: string): Buffer {
  return Buffer.concat([idBytes(0), Buffer.from(name)]);
}

function collectionKey(namespace: string): Buffer {
  return catalogueKey(`collection ${namespace}`);
}

/** The counts are stored beside the catalogue, separately, since nearly every command writes them. */
function countsKey(collection: Collection): Buffer {
  return Buffer.concat([idBytes(0xffffffff), idBytes(collection.id)]);
}

function loadIndex(saved: Document): Index {
  const { id, key, name, unique } = Object.fromEntries(saved);
  return { ...parseIndex(toNumber(id) ?? 0, new Map(Object.entries({ key, name, unique }))), ready: true };
}
