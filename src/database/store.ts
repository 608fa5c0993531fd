import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Connection } from 'mongoose';
import { AppConfig } from '../config/load-config.js';
import { EmbeddedMongo } from '../embedded-mongo/index.js';
import { completeUri, connectionOptions, decodeEveryList } from './connection-options.js';
import { StoreUnavailableError } from '../http/domain-error.js';
import { HeartbeatWatch } from './heartbeat-watch.js';

const RETRY_MS = 500;

/**
 * The store behind all repositories: MongoDB where `MONGODB_URI` names one, else the embedded store in `DATA_DIR`.
 * It counts as ready when it is connected and every unique index is built: they decide the races.
 */
@Injectable()
export class Store implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger('Store');
  private embedded: EmbeddedMongo | undefined;
  private watch: HeartbeatWatch | undefined;
  private ready = false;
  private closing = false;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly config: AppConfig,
  ) {}

  /** Whether the service has been told to stop. */
  get isClosing(): boolean {
    return this.closing;
  }

  /**
   * Whether requests can be served. Stays true when a connected store goes away, whose own answers tell; and while the
   * service stops, since what is under way by then is still to be answered.
   */
  get isReady(): boolean {
    return this.ready;
  }

  /**
   * Proves with a round trip that the store answers.
   *
   * @throws StoreUnavailableError while starting and while shutting down, else the driver's error.
   */
  async ping(): Promise<void> {
    if (!this.isReady || this.isClosing || !this.connection.db) throw new StoreUnavailableError();
    await this.connection.db.command({ ping: 1 });
  }

  /**
   * Opens the store. One that is away does not keep the service from starting: it says so, and comes when it comes.
   *
   * @throws EmbeddedMongoError where the data directory can't be used: that no waiting mends.
   */
  async onApplicationBootstrap(): Promise<void> {
    const uri = this.config.mongodbUri ?? (await this.openEmbedded());
    if (!(await this.connect(uri))) void this.keepConnecting(uri);
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
      this.watchHeartbeat(uri);
      this.logger.log(
        `Connected to ${this.connection.host || 'the store'}, database ${this.connection.name}`,
      );
      return true;
    } catch (error) {
      this.logger.warn(
        `The store is not available yet: ${error instanceof Error ? error.message : String(error)}`,
      );
      await this.connection.close();
      return false;
    }
  }

  /** Connects anew should the driver lose track of a server, which it would do for good. */
  private watchHeartbeat(uri: string): void {
    this.watch = new HeartbeatWatch(this.connection.getClient(), (server) => {
      this.logger.error(`The driver has lost track of ${server}; connecting anew`);
      this.ready = false;
      void this.connection.close().then(() => this.keepConnecting(uri));
    });
  }

  private async keepConnecting(uri: string): Promise<void> {
    do await sleep(RETRY_MS, undefined, { ref: false });
    while (!this.closing && !(await this.connect(uri)));
  }
}
