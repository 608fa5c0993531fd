import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { whenOver } from './connections.js';
import { routePattern } from './routes.js';

/** Where in the log the lines of requests come from. */
export const REQUEST_LOG = 'Http';

const SANE_REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** Probes and scrapers ask every few seconds: their lines are kept for those who ask for `debug`. */
const PROBES = /^\/(health|metrics)\b/;

/** Is told of each request when its answer is sent, or when the client left before that. */
export type RequestObserver = (request: Request, response: Response, durationMs: number) => void;

/** The id under which the log knows a request; what `assignRequestId` gave its answer. */
export function requestIdOf(response: Response): string {
  return String(response.getHeader('X-Request-Id'));
}

/** Gives every answer its `X-Request-Id`: the client's where it is harmless in a header and a log line, else a new one. */
export function assignRequestId(request: Request, response: Response): void {
  const given = request.headers['x-request-id'];
  response.setHeader(
    'X-Request-Id',
    typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID(),
  );
}

/** Times a request for those who observe it. To be called first of all. */
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

/** Writes one line a request. */
export function requestLog(logger = new Logger(REQUEST_LOG)): RequestObserver {
  return (request, response, durationMs) => {
    const { method, originalUrl } = request;
    const { statusCode: status } = response;
    const line = {
      req: { id: requestIdOf(response) },
      method,
      route: routePattern(request),
      status,
      ms: Math.round(durationMs * 100) / 100,
      ...(!response.writableFinished && { aborted: true }),
      message: `${method} ${originalUrl} ${status}`,
    };
    if (status >= 500) logger.warn(line);
    else if (PROBES.test(originalUrl)) logger.debug(line);
    else logger.log(line);
  };
}
