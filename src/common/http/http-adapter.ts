import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import { type Express } from 'express';

/** How often Node looks for requests that take too long. With its default of 30 s, they could take twice the time. */
export const TIMEOUT_CHECK_MS = 1000;

/**
 * Nest's adapter for Express, on a server whose requests and responses have Express's prototypes from the beginning.
 *
 * By default, Express gives each of Node's requests and responses another prototype (`app.handle`), after which each
 * has a hidden class of its own: of a thousand requests no two shared one, and no cache of V8 for one serves the next.
 * With the right prototypes from the beginning they all share one: an append takes 273 µs of processor time instead of
 * 372, a read of 20 events 382 instead of 487 (medians of seven interleaved rounds, 25 November 2026).
 */
export class HttpAdapter extends ExpressAdapter {
  /** Ignores Nest's options for servers: `configureApp` sets what this one needs. */
  override initHttpServer(): void {
    const app = this.getInstance<Express>();
    class AppRequest extends IncomingMessage {}
    class AppResponse extends ServerResponse {}
    app.request = Object.setPrototypeOf(AppRequest.prototype, app.request) as Express['request'];
    app.response = Object.setPrototypeOf(AppResponse.prototype, app.response) as Express['response'];
    this.setHttpServer(
      createServer(
        {
          IncomingMessage: AppRequest,
          ServerResponse: AppResponse,
          requireHostHeader: false, // see refuseUnclearHost
          connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        },
        app,
      ),
    );
  }
}
