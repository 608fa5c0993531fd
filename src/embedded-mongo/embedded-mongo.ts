import { existsSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dispatch } from './commands/dispatch.js';
import * as files from './data-directory.js';
import { EmbeddedMongoError } from './errors.js';
import { Cursors } from './query/cursors.js';
import { checkDataFile } from './storage/data-file.js';
import { takeOwnership } from './storage/ownership.js';
import { Store } from './storage/store.js';
import { type Address, socketUri, WireServer } from './wire/server.js';

export interface EmbeddedMongoOptions {
  /** The directory that holds the data; it is made when it is missing. */
  path: string;
  /** TCP address to listen on. By default a Unix socket in `path` (on Windows 127.0.0.1 and any free port). */
  listen?: { host: string; port: number };
  /** How many milliseconds a client may stand still in the middle of an answer or a message; 30,000 by default. */
  patience?: number;
  /** Gets one line for each thing an operator should see. */
  log?: (message: string) => void;
}

/** A single-node store that speaks MongoDB's wire protocol, on LMDB. */
export class EmbeddedMongo {
  private closed: Promise<void> | undefined;

  private constructor(
    /** Where drivers find the store; without the name of a database. */
    readonly uri: string,
    private readonly shutDown: () => Promise<void>,
  ) {}

  /**
   * Opens (creating it if needed) the store in `path` and listens. Rejects with EmbeddedMongoError when the directory
   * is in use by another process, not writable, or holds something else.
   */
  static async open(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
    const log = options.log ?? (() => undefined);
    const directory = files.prepareDirectory(options.path);
    const release = takeOwnership(join(directory, files.OWNER_FILE), options.path);
    let store: Store | undefined;
    try {
      const file = join(directory, files.STORE_FILE);
      checkDataFile(file);
      files.reserveLockFile(`${file}-lock`);
      const opened = (store = await Store.open(file, log));
      const cursors = new Cursors();
      const server = new WireServer(
        (connection) => {
          const context = { store: opened, cursors, connection };
          return (request) => dispatch(request, context, log);
        },
        log,
        options.patience,
      );
      const address = options.listen ?? defaultAddress(directory);
      await server.listen(address);
      return new EmbeddedMongo(server.uri, async () => {
        await server.close();
        cursors.close();
        await opened.close();
        if ('socket' in address) rmSync(address.socket, { force: true });
        release();
      });
    } catch (error) {
      await store?.close();
      release();
      if (error instanceof EmbeddedMongoError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new EmbeddedMongoError(`The store in ${options.path} could not be opened: ${reason}.`, {
        cause: error,
      });
    }
  }

  /** Whether there is a store in `path`, open or not. */
  static isIn(path: string): boolean {
    return existsSync(join(path, files.STORE_FILE));
  }

  /** Where a store that another process has opened in `path` listens, unless that was told otherwise. */
  static uriIn(path: string): string | undefined {
    const socket = files.socketOf(realpathSync(path));
    return existsSync(socket) ? socketUri(socket) : undefined;
  }

  /** Answers what is in flight, closes the connections, and releases the directory. Everything answered is on disk. */
  close(): Promise<void> {
    return (this.closed ??= this.shutDown());
  }
}

function defaultAddress(directory: string): Address {
  return process.platform === 'win32'
    ? { host: '127.0.0.1', port: 0 }
    : { socket: files.prepareSocket(directory) };
}
