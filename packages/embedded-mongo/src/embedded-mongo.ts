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
        options.stallTimeoutMs,
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

  /** Whether `path` contains a store, open or not. */
  static isIn(path: string): boolean {
    return existsSync(join(path, files.STORE_FILE));
  }

  /** The default URI of a store that another process has opened in `path`; undefined if there is no socket. */
  static uriIn(path: string): string | undefined {
    const socket = files.socketOf(realpathSync(path));
    return existsSync(socket) ? socketUri(socket) : undefined;
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
