import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { config } from './config/config.js';
import { configureApp } from './app.setup.js';
import { StoreConnection } from './database/store-connection.js';
import { HttpAdapter } from './common/http/http-adapter.js';
import { ServiceLogger } from './common/logger.js';

/** How long requests under way may take to finish when the service is told to stop. */
const SHUTDOWN_MS = 10_000;
/** How often, while it stops, connections that have become idle are closed. */
const IDLE_CHECK_MS = 100;

/**
 * Starts the service, and stops it cleanly on SIGTERM and SIGINT.
 *
 * @returns when the store is ready for the first time.
 * @throws ConfigError or, for an invalid setting, the error of the data directory or the socket.
 */
export async function serve(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, new HttpAdapter(), {
    logger: new ServiceLogger(config.logLevel),
    bodyParser: false,
    abortOnError: false,
  });
  configureApp(app);
  stopOnSignal(app, new Logger('Service'));
  await app.listen(config.port, config.host);
  new Logger('Service').log(`Listening on ${await app.getUrl()}`);
  await app.get(StoreConnection).untilOpened();
}

function stopOnSignal(app: NestExpressApplication, logger: Logger): void {
  const stop = (signal: NodeJS.Signals) => {
    logger.log(`${signal}: finishing the requests under way`);
    setTimeout(() => {
      logger.error('Requests under way did not finish in time; leaving them');
      process.exit(1);
    }, SHUTDOWN_MS).unref();
    // A connection that was answered just now is kept alive for a minute, and the server would wait for it.
    setInterval(() => {
      app.getHttpServer().closeIdleConnections();
    }, IDLE_CHECK_MS).unref();
    app.close().then(
      () => {
        process.exit(0);
      },
      (error: unknown) => {
        logger.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
