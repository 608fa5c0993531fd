import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import mongoose, { type Connection } from 'mongoose';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { AppConfig, ConfigError } from '../config/load-config.js';
// `import { type … }` would load it.
import type { EmbeddedMongo } from 'embedded-mongo';
import { buildIndexes } from './build-indexes.js';
import { completeUri, connectionOptions, decodeEveryList } from './connection-options.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { isRefusal } from './mongo-errors.js';
import { refuseNewerFormat } from './store-format.js';

const RETRY_MS = 500;
/** How long the service waits for its store before it listens. */
const FIRST_TRY_MS = 1000;
/**
 * How many time-outs a server may keep refusing requests at the start. More than one, because a server that is still
 * being set up, or a router that can't read its users during a failover, also refuses a correct password.
 */
const GRACE_IN_TIMEOUTS = 5;

/**
 * The store behind all repositories: the MongoDB of `MONGODB_URI` or, without one, the embedded store in `DATA_DIR`. It
 * is ready when it is connected and every unique index exists, since these decide the races.
 */
@Injectable()
export class StoreConnection
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger('Store');
  private embedded: EmbeddedMongo | undefined;
  private watch: HeartbeatWatch | undefined;
  private opened: Promise<void> = Promise.resolve();
  /**
   * Whether requests can be served. It stays true if a connected store becomes unreachable, which operations report
   * themselves, and while the service stops, since requests under way still have to be answered.
   */
  isReady = false;
  /** Whether the service is shutting down. */
  isClosing = false;
  /** Since when the store has been away, by `performance.now()`; undefined while it is there. */
  private awaySince: number | undefined;
  private refusedSince: number | undefined;
  private heartbeatFault = 'no reply';

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly config: AppConfig,
  ) {}

  /** Whether the store replied to the last heartbeat of the driver, which sends one every few seconds. */
  get isReachable(): boolean {
    return this.isReady && this.connection.readyState === mongoose.ConnectionStates.connected;
  }

  /**
   * Proves with a round trip that the store replies.
   *
   * @throws StoreUnavailableError while starting, while shutting down, and with the driver's error as its cause.
   */
  async ping(): Promise<void> {
    if (!this.isReady || this.isClosing || !this.connection.db) throw new StoreUnavailableError();
    await this.connection.db.command({ ping: 1 }).catch((error: unknown) => {
      throw new StoreUnavailableError(error);
    });
  }

  /**
   * Begins to open the store, and keeps trying while it is unreachable. The service listens when the store is there, or
   * `FIRST_TRY_MS` later: after a restart beside a running store nobody gets a 503, which an EventSource takes for the end.
   *
   * @throws EmbeddedMongoError if the data directory can't be used, ConfigError if the store's format is newer: waiting would
   * not help.
   */
  async onApplicationBootstrap(): Promise<void> {
    const uri = this.config.MONGODB_URI ?? (await this.openEmbedded());
    this.connection
      .on('disconnected', () => {
        if (this.isReady) this.noteAway(this.heartbeatFault);
      })
      .on('connected', () => {
        if (this.isReady) this.noteBack();
      });
    this.opened = this.keepConnecting(uri, 0);
    await Promise.race([this.opened, sleep(FIRST_TRY_MS)]);
  }

  /**
   * Waits until the store is ready for the first time, or the service stops before that.
   *
   * @throws ConfigError if the server keeps refusing requests: a wrong password, a missing privilege, an index that
   * can't be built.
   */
  untilOpened(): Promise<void> {
    return this.opened;
  }

  beforeApplicationShutdown(): void {
    this.isClosing = true;
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    this.watch?.stop();
    await this.connection.close();
    await this.embedded?.close();
  }

  private async openEmbedded(): Promise<string> {
    const { DATA_DIR } = this.config;
    // Only now, so that a service with a MongoDB needs none of the embedded store's native parts.
    const { EmbeddedMongo } = await import('embedded-mongo');
    this.embedded = await EmbeddedMongo.open({
      path: DATA_DIR,
      log: (message) => {
        this.logger.warn(message);
      },
    });
    this.logger.log(`Embedded store in ${DATA_DIR}. Set MONGODB_URI to use MongoDB instead.`);
    return this.embedded.uri;
  }

  private async keepConnecting(uri: string, afterMs: number): Promise<void> {
    let ms = afterMs;
    do {
      if (ms > 0) await sleep(ms, undefined, { ref: false });
      ms = RETRY_MS;
    } while (!this.isClosing && !(await this.connect(uri)));
  }

  private async connect(uri: string): Promise<boolean> {
    try {
      await this.connection.openUri(completeUri(uri, this.config.STORE_TIMEOUT_MS), connectionOptions(uri));
      decodeEveryList(this.connection);
      await refuseNewerFormat(this.connection);
      await buildIndexes(this.connection, uri, this.config.STORE_TIMEOUT_MS, this.logger);
      this.isReady = true;
      this.watchHeartbeat(uri);
      this.logger.log(
        `Connected to ${this.connection.host || 'the store'}, database ${this.connection.name}`,
      );
      this.noteBack();
      return true;
    } catch (error) {
      await this.connection.close().catch(() => undefined); // it was not open
      if (error instanceof ConfigError) throw error;
      this.noteAway(error instanceof Error ? error.message : String(error));
      this.giveUpWhenRefused(error);
      return false;
    }
  }

  /** One line when the store goes, and one when it is back; none between, however often it is tried. */
  private noteAway(reason: string): void {
    if (this.awaySince !== undefined || this.isClosing) return;
    this.awaySince = performance.now();
    this.logger.warn(`The store is away: ${reason}`);
  }

  private noteBack(): void {
    if (this.awaySince === undefined) return;
    const seconds = Math.round((performance.now() - this.awaySince) / 100) / 10;
    this.awaySince = undefined;
    this.logger.log(`The store is back after ${seconds} s`);
  }

  /** @throws ConfigError if a reachable server has refused for so long that the operator has to intervene. */
  private giveUpWhenRefused(error: unknown): void {
    if (!isRefusal(error)) {
      this.refusedSince = undefined;
      return;
    }
    this.refusedSince ??= performance.now();
    const graceMs = GRACE_IN_TIMEOUTS * this.config.STORE_TIMEOUT_MS;
    if (this.watch !== undefined || performance.now() < this.refusedSince + graceMs) return;
    throw new ConfigError(
      `The store refuses what the service asks of it (${error.message}). Mend MONGODB_URI, or the rights of its user.`,
    );
  }

  /** Reconnects if the driver loses track of a server, from which it would not recover. */
  private watchHeartbeat(uri: string): void {
    const client = this.connection.getClient();
    client.on('serverHeartbeatFailed', ({ failure }) => (this.heartbeatFault = failure.message));
    this.watch?.stop();
    this.watch = new HeartbeatWatch(client, (server) => {
      this.logger.error(`The driver has lost track of ${server}; connecting anew`);
      this.isReady = false;
      void this.connection
        .close()
        .catch(() => undefined) // what is left of it is of no use either way
        .then(() => this.keepConnecting(uri, RETRY_MS));
    });
  }
}
