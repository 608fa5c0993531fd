import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type Request, type Response } from 'express';
import { routePattern } from './routes.js';

const logger = new Logger('Http');

const SANE_REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** Probes and scrapers ask every few seconds, so their lines are logged at `debug`. */
const PROBES = /^\/(health|metrics)\b/;

/** The id of a request in the log, as set by `assignRequestId`. */
export function requestIdOf(response: Response): string {
  return String(response.getHeader('X-Request-Id'));
}

/** Sets `X-Request-Id` on every response: the client's, if it is safe in headers and logs, otherwise a new one. */
export function assignRequestId(request: Request, response: Response): void {
  const given = request.headers['x-request-id'];
  response.setHeader(
    'X-Request-Id',
    typeof given === 'string' && SANE_REQUEST_ID.test(given) ? given : randomUUID(),
  );
}

/**
 * Logs the line of a request: its path without the query, which may name people (`metadata.caller=…`).
 *
 * @param client the address that it came from, if that is to be logged.
 */
export function logRequest(request: Request, response: Response, ms: number, client?: string): void {
  const { method, originalUrl } = request;
  const { statusCode } = response;
  const [path = ''] = originalUrl.split('?', 1);
  const line = {
    req: { id: requestIdOf(response) },
    method,
    route: routePattern(request),
    path,
    statusCode,
    code: (response.locals as { code?: string }).code,
    ms: Math.round(ms * 100) / 100,
    client,
    ...(!response.writableFinished && { aborted: true }),
    message: `${method} ${path} ${statusCode}`,
  };
  if (statusCode >= 500) logger.warn(line);
  else if (PROBES.test(path)) logger.debug(line);
  else logger.log(line);
}
