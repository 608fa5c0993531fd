import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import { type Express, type Response } from 'express';
import { isOver } from './connections.js';
import { endTurn, holdResponse } from './limits.js';

/** How often Node looks for requests that take too long. With its default of 30 s, they could take twice the time. */
export const TIMEOUT_CHECK_MS = 1000;

/** Nest's adapter for Express, with a server and a way to send JSON that suit this service. */
export class HttpAdapter extends ExpressAdapter {
  /**
   * Creates a server whose requests and responses have Express's prototypes from the beginning.
   *
   * By default, Express gives each of Node's requests and responses another prototype (`app.handle`), after which each
   * has a hidden class of its own: of a thousand requests no two shared one, and no cache of V8 for one serves the next.
   * This saves a quarter of an append's processor time.
   *
   * It ignores Nest's options for servers: `configureApp` sets what this one needs.
   */
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
          connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        },
        app,
      ),
    );
  }

  /**
   * Sends what a handler has returned, or the body of an error. JSON ends with a line break, for terminals. If the
   * request is over, because its deadline has passed or its client has left, it does nothing.
   *
   * @throws DomainError STORE_UNAVAILABLE if the response does not fit. Errors are small, and always sent.
   */
  override reply(response: Response, body: unknown, statusCode?: number): void {
    if (statusCode === undefined) endTurn(response); // its handler is done; errors have a status
    if (isOver(response)) return;
    if (statusCode !== undefined) response.status(statusCode);
    const isJson = typeof body === 'object' && body !== null;
    const text = isJson ? `${JSON.stringify(body)}\n` : body;
    const bytes = typeof text === 'string' ? Buffer.byteLength(text) : 0;
    holdResponse(response, response.statusCode < 400 ? bytes : 0); // no error is refused for its bytes
    if (!isJson) {
      super.reply(response, body);
      return;
    }
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.setHeader('Content-Length', bytes);
    response.end(text);
  }
}
