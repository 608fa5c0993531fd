import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { AppConfig } from '../config/load-config.js';

/** How long requests under way may take to finish once the service no longer listens. */
export const FINISH_MS = 10_000;
/** How often, meanwhile, connections that have become idle are closed. */
const IDLE_CHECK_MS = 100;

/** Stops the service without breaking off what is under way. */
@Injectable()
export class Shutdown {
  private readonly logger = new Logger('Service');
  /** Whether the service has been told to stop: it is not ready, and closes each connection after a response. */
  hasBegun = false;

  constructor(private readonly config: AppConfig) {}

  /** Serves on for `SHUTDOWN_DELAY_MS`, until load balancers have noticed, then finishes and ends the process. */
  async run(app: NestExpressApplication, reason: string): Promise<never> {
    this.hasBegun = true;
    this.logger.log(`${reason}: finishing the requests under way`);
    await sleep(this.config.SHUTDOWN_DELAY_MS);
    setTimeout(() => {
      this.logger.error('Requests under way did not finish in time; leaving them');
      process.exit(1);
    }, FINISH_MS).unref();
    // A connection that was answered just now is kept alive for minutes, and the server would wait for it.
    setInterval(() => {
      app.getHttpServer().closeIdleConnections();
    }, IDLE_CHECK_MS).unref();
    const failure = await app.close().catch((error: unknown) => {
      this.logger.error(error);
      return true;
    });
    process.exit(failure === true ? 1 : 0);
  }
}
