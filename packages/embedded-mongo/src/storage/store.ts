import { decode, type Document, encode, toNumber } from '../bson/documents.js';
import { EmbeddedMongoError } from '../errors.js';
import { Collection, idBytes, idRange } from './collection.js';
import { Engine } from './engine.js';
import { type Index, keyPattern, parseIndex } from './indexes.js';

/** Id 0 is the catalogue; ids from 1 are collections' documents and indexes. */
const CATALOGUE = idRange(0);
const FORMAT_KEY = catalogueKey('format');
/** Format 1 had counters of documents besides. It is taken over, and is format 2 from then on. */
const FORMAT = 2;
const KNOWN_FORMATS: readonly unknown[] = [1, FORMAT];

/** All collections of the store. All changes go through it. */
export class Store {
  /** By their namespaces. */
  collections = new Map<string, Collection>();
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
    const stamp = engine.get(FORMAT_KEY);
    const format = stamp && toNumber(decode(stamp).get('format'));
    const isNew = engine.entries({ from: Buffer.of(0), to: Buffer.of(255) }, false, 1).length === 0;
    if (!isNew && !KNOWN_FORMATS.includes(format)) {
      await engine.close();
      throw new EmbeddedMongoError(
        format === undefined
          ? `${file} was not written by this store.`
          : `${file} has the format ${format}, and this version knows up to ${FORMAT}; use the version that wrote it.`,
      );
    }
    if (format !== FORMAT)
      await engine.write(() => {
        engine.put(FORMAT_KEY, encode({ format: FORMAT }));
      });
    store.load();
    return store;
  }

  get(namespace: string): Collection | undefined {
    return this.collections.get(namespace);
  }

  /**
   * Runs synchronous `work` inside a write transaction. Resolves with its result, or rejects with what it threw, when
   * everything it stored is on disk. Until then, only later work sees its writes. Rejects with CommitError if the disk
   * refuses the transaction; then nothing is stored.
   */
  write<T>(work: () => T): Promise<T> {
    return this.engine.write(work);
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
  drop(collection: Collection): void {
    for (const index of collection.indexes) this.clear(index.id);
    this.clear(collection.id);
    this.engine.remove(collectionKey(collection.namespace));
    this.collections.delete(collection.namespace);
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
      this.collections.set(namespace, new Collection(this.engine, namespace, id, indexes));
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

function loadIndex(saved: Document): Index {
  const { id, key, name, unique } = Object.fromEntries(saved);
  return { ...parseIndex(toNumber(id) ?? 0, new Map(Object.entries({ key, name, unique }))), ready: true };
}
