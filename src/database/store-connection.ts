import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { EmbeddedMongo } from 'embedded-mongo';
import { type Connection } from 'mongoose';
import { AppConfig, ConfigError } from '../config/load-config.js';
import { completeUri, connectionOptions, decodeEveryList } from './connection-options.js';
import { StoreUnavailableError } from '../common/errors/domain-error.js';
import { HeartbeatWatch } from './heartbeat-watch.js';
import { isRefusal } from './mongo-errors.js';

const RETRY_MS = 500;
/** How often the same reason for not being ready is logged. */
const REMINDER_MS = 60_000;
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
  private ready = false;
  private wasReady = false;
  private closing = false;
  private refusedSince: number | undefined;
  private lastTold = { reason: '', at: 0 };

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly config: AppConfig,
  ) {}

  /** Whether the service is shutting down. */
  get isClosing(): boolean {
    return this.closing;
  }

  /**
   * Whether requests can be served. It stays true if a connected store becomes unreachable, which operations report
   * themselves, and while the service stops, since requests under way still have to be answered.
   */
  get isReady(): boolean {
    return this.ready;
  }

  /**
   * Proves with a round trip that the store replies.
   *
   * @throws StoreUnavailableError while starting and while shutting down, otherwise the driver's error.
   */
  async ping(): Promise<void> {
    if (!this.isReady || this.isClosing || !this.connection.db) throw new StoreUnavailableError();
    await this.connection.db.command({ ping: 1 });
  }

  /**
   * Opens the store. The service also starts while the store is unreachable: it logs this and keeps trying.
   *
   * @throws EmbeddedMongoError if the data directory can't be used, which waiting would not fix.
   */
  async onApplicationBootstrap(): Promise<void> {
    const uri = this.config.mongodbUri ?? (await this.openEmbedded());
    this.opened = (await this.connect(uri)) ? Promise.resolve() : this.keepConnecting(uri);
    this.opened.catch(() => undefined); // `untilOpened` reports it
  }

  /**
   * Waits until the store is ready for the first time, or the service stops before that.
   *
   * @throws ConfigError if the server keeps refusing requests: a wrong password, a missing privilege, an index that
   * exists with another definition.
   */
  untilOpened(): Promise<void> {
    return this.opened;
  }

  beforeApplicationShutdown(): void {
    this.closing = true;
  }

  async onApplicationShutdown(): Promise<void> {
    this.watch?.stop();
    await this.connection.close();
    await this.embedded?.close();
  }

  private async openEmbedded(): Promise<string> {
    const { dataDir } = this.config;
    // Only here: its native parts do not run everywhere, and a service with MONGODB_URI does without them.
    const { EmbeddedMongo } = await import('embedded-mongo');
    this.embedded = await EmbeddedMongo.open({
      path: dataDir,
      log: (message) => {
        this.logger.warn(message);
      },
    });
    this.logger.log(`Embedded store in ${dataDir}. Set MONGODB_URI to use MongoDB instead.`);
    return this.embedded.uri;
  }

  private async connect(uri: string): Promise<boolean> {
    try {
      await this.connection.openUri(completeUri(uri, this.config.storeTimeoutMs), connectionOptions(uri));
      decodeEveryList(this.connection);
      await Promise.all(Object.values(this.connection.models).map((model) => model.createIndexes()));
      this.ready = true;
      this.wasReady = true;
      this.watchHeartbeat(uri);
      this.logger.log(
        `Connected to ${this.connection.host || 'the store'}, database ${this.connection.name}`,
      );
      return true;
    } catch (error) {
      this.sayWhy(error);
      await this.connection.close().catch(() => undefined); // it was not open
      this.giveUpWhenRefused(error);
      return false;
    }
  }

  private sayWhy(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.lastTold.reason && performance.now() < this.lastTold.at + REMINDER_MS) return;
    this.lastTold = { reason, at: performance.now() };
    this.logger.warn(`The store is not available yet: ${reason}`);
  }

  /** @throws ConfigError if a reachable server has refused for so long that the operator has to intervene. */
  private giveUpWhenRefused(error: unknown): void {
    if (!isRefusal(error)) {
      this.refusedSince = undefined;
      return;
    }
    this.refusedSince ??= performance.now();
    const graceMs = GRACE_IN_TIMEOUTS * this.config.storeTimeoutMs;
    if (this.wasReady || performance.now() < this.refusedSince + graceMs) return;
    throw new ConfigError(
      `The store refuses what the service asks of it (${error.message}). Mend MONGODB_URI, or the rights of its user.`,
    );
  }

  /** Reconnects if the driver loses track of a server, from which it would not recover. */
  private watchHeartbeat(uri: string): void {
    this.watch = new HeartbeatWatch(this.connection.getClient(), (server) => {
      this.logger.error(`The driver has lost track of ${server}; connecting anew`);
      this.ready = false;
      void this.connection
        .close()
        .catch(() => undefined) // what is left of it is of no use either way
        .then(() => this.keepConnecting(uri));
    });
  }

  private async keepConnecting(uri: string): Promise<void> {
    do await sleep(RETRY_MS, undefined, { ref: false });
    while (!this.closing && !(await this.connect(uri)));
  }
}
