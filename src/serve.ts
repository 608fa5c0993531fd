import { type AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { AppConfig } from './config/load-config.js';
import { configureApp } from './app.setup.js';
import { StoreConnection } from './database/store-connection.js';
import { HttpAdapter } from './common/http/http-adapter.js';
import { ServiceLogger } from './common/logger.js';
import { Shutdown } from './operations/shutdown.js';

/**
 * Starts the service.
 *
 * @param stop tells it to stop cleanly, with the signal's name as its reason; perhaps before it listens.
 * @returns when the store is ready for the first time.
 * @throws ConfigError or, for an invalid setting, the error of the data directory or the socket.
 */
export async function serve(stop: AbortSignal): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, new HttpAdapter(), {
    bufferLogs: true,
    bodyParser: false,
    abortOnError: false,
  });
  const config = app.get(AppConfig);
  app.useLogger(new ServiceLogger(config.LOG_LEVEL));
  configureApp(app);
  await app.listen(config.PORT, config.HOST);
  const { address, family, port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  new Logger('Service').log(`Listening on ${url} without authentication: who reaches it may read and write`);
  const end = () => void app.get(Shutdown).run(app, String(stop.reason));
  if (stop.aborted) end();
  else stop.addEventListener('abort', end);
  await app.get(StoreConnection).untilOpened();
}
