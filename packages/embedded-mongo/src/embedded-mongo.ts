import { chmodSync, existsSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dispatch } from './commands/dispatch.js';
import * as files from './data-directory.js';
import { DirectoryInUseError, EmbeddedMongoError } from './errors.js';
import { Cursors } from './query/cursors.js';
import { checkDataFile } from './storage/data-file.js';
import { Engine } from './storage/engine.js';
import { takeOwnership } from './storage/ownership.js';
import { Store } from './storage/store.js';
import { type Address, WireServer } from './wire/server.js';

export interface EmbeddedMongoOptions {
  /** The directory that holds the data; created if it does not exist. */
  path: string;
  /** TCP address to listen on. By default a Unix socket in `path` (on Windows 127.0.0.1 and any free port). */
  listen?: { host: string; port: number };
  /** Milliseconds that a client may stall in the middle of a reply or a message; 30,000 by default. */
  stallTimeoutMs?: number;
  /** Receives one line for each thing that an operator should see. */
  log?: (message: string) => void;
}

/** A single-node store that speaks MongoDB's wire protocol, on LMDB. */
export class EmbeddedMongo {
  private closed: Promise<void> | undefined;

  private constructor(
    /** The URI for drivers, without the name of a database. */
    readonly uri: string,
    private readonly shutDown: () => Promise<void>,
  ) {}

  /**
   * Opens the store in `path`, creating it if needed, and listens. Rejects with EmbeddedMongoError if the directory is
   * in use by another process, is not writable, or holds something else.
   */
  static async open(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
    const log = options.log ?? (() => undefined);
    const directory = files.prepareDirectory(options.path);
    let owned: ReturnType<typeof takeOwnership> | undefined;
    let store: Store | undefined;
    try {
      owned = takeOwnership(directory, options.path);
      const { file, release } = owned;
      checkDataFile(file);
      files.reserveLockFile(`${file}-lock`);
      const opened = (store = await Store.open(file, log));
      const cursors = new Cursors();
      const context = { store: opened, cursors };
      const server = new WireServer(
        (request) => dispatch(request, context, log),
        log,
        options.stallTimeoutMs,
      );
      const address = options.listen ?? defaultAddress(directory);
      await server.listen(address);
      if ('socket' in address) chmodSync(address.socket, 0o600);
      return new EmbeddedMongo(server.uri, async () => {
        await server.close();
        cursors.close();
        await opened.engine.close();
        if ('socket' in address) rmSync(address.socket, { force: true });
        release();
      });
    } catch (error) {
      await store?.engine.close();
      owned?.release();
      throw sentence(`The store in ${options.path} could not be opened`, error);
    }
  }

  /** Whether `path` contains a store, open or not. */
  static isIn(path: string): boolean {
    return existsSync(join(path, files.STORE_FILE));
  }

  /**
   * Copies the store in `path`, which a process may use meanwhile, into another directory: its state at one moment. An
   * interrupted copy is no store. Rejects with EmbeddedMongoError if there is no store in `path`, or one in `to`.
   */
  static async backup(path: string, to: string): Promise<void> {
    if (!EmbeddedMongo.isIn(path)) throw new EmbeddedMongoError(`There is no store in ${path}.`);
    if (EmbeddedMongo.isIn(to)) throw new EmbeddedMongoError(`There is a store in ${to} already.`);
    const directory = files.prepareDirectory(to);
    const partial = join(directory, files.PARTIAL_BACKUP);
    try {
      rmSync(partial, { force: true });
      checkUnused(path);
      await Engine.copy(join(path, files.STORE_FILE), partial);
      const copy = await openFile(partial, 'r+');
      await copy.chmod(0o600);
      await copy.sync();
      await copy.close();
      renameSync(partial, join(directory, files.STORE_FILE));
    } catch (error) {
      throw sentence(`The store in ${path} could not be copied to ${to}`, error);
    }
  }

  /** Completes the commands in flight, closes the connections and releases the directory. */
  close(): Promise<void> {
    return (this.closed ??= this.shutDown());
  }
}

function defaultAddress(directory: string): Address {
  return process.platform === 'win32'
    ? { host: '127.0.0.1', port: 0 }
    : { socket: files.prepareSocket(directory) };
}

/** Checks the data file of a store that no process has opened: LMDB would crash. A running process has checked its own. */
function checkUnused(path: string): void {
  try {
    const { file, release } = takeOwnership(realpathSync(path), path);
    try {
      checkDataFile(file);
    } finally {
      release();
    }
  } catch (error) {
    if (!(error instanceof DirectoryInUseError)) throw error;
  }
}

/** The error in a sentence for the user. */
function sentence(what: string, error: unknown): EmbeddedMongoError {
  if (error instanceof EmbeddedMongoError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new EmbeddedMongoError(`${what}: ${reason}.`, { cause: error });
}
