import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { whenOver } from './connections.js';
import { routePattern } from './routes.js';

/** The context of request lines in the log. */
export const REQUEST_LOG = 'Http';

const SANE_REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** Probes and scrapers ask every few seconds, so their lines are logged at `debug`. */
const PROBES = /^\/(health|metrics)\b/;

/** Called for each request when its response is sent, or when its client has left before. */
export type RequestObserver = (request: Request, response: Response, durationMs: number) => void;

/** The id of a request in the log, as set by `assignRequestId`. */
export function requestIdOf(response: Response): string {
  return String(response.getHeader('X-Request-Id'));
}

/** The address of a request's connection. */
export function connectionAddress({ socket }: Request): string | undefined {
  return socket.remoteAddress;
}

/** The address that the nearest proxy was reached from: the last one in `X-Forwarded-For`. Clients can't forge it there. */
export function forwardedAddress(request: Request): string | undefined {
  return request.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? connectionAddress(request);
}

/** Sets `X-Request-Id` on every response: the client's, if it is safe in headers and logs, otherwise a new one. */
export function assignRequestId(request: Request, response: Response): void {
  const given = request.headers['x-request-id'];
  response.setHeader(
    'X-Request-Id',
    typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID(),
  );
}

/** Times a request for its observers. Call it before anything else. */
export function observeRequest(
  request: Request,
  response: Response,
  observers: readonly RequestObserver[],
): void {
  const start = performance.now();
  whenOver(response, () => {
    const durationMs = performance.now() - start;
    for (const observe of observers) observe(request, response, durationMs);
  });
}

/**
 * Logs one line per request: its path without the query, which may name people (`metadata.caller=…`).
 *
 * @param addressOf the client's address, if it is to be logged.
 */
export function requestLog(addressOf?: (request: Request) => string | undefined): RequestObserver {
  const logger = new Logger(REQUEST_LOG);
  return (request, response, durationMs) => {
    const { method, originalUrl } = request;
    const { statusCode } = response;
    const [path = ''] = originalUrl.split('?', 1);
    const { code } = response.locals as { code?: string };
    const line = {
      req: { id: requestIdOf(response) },
      method,
      route: routePattern(request),
      path,
      statusCode,
      ...(code !== undefined && { code }),
      ms: Math.round(durationMs * 100) / 100,
      ...(addressOf && { client: addressOf(request) }),
      ...(!response.writableFinished && { aborted: true }),
      message: `${method} ${path} ${statusCode}`,
    };
    if (statusCode >= 500) logger.warn(line);
    else if (PROBES.test(path)) logger.debug(line);
    else logger.log(line);
  };
}
