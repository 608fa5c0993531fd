import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type NextFunction, type Request, type Response } from 'express';

const SANE_REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** The id under which the log knows a request; what `assignRequestId` gave its answer. */
export function requestIdOf(response: Response): string {
  return String(response.getHeader('X-Request-Id'));
}

/** Gives every answer its `X-Request-Id`: the client's where it is harmless in a header and a log line, else a new one. */
export function assignRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.get('x-request-id');
  response.setHeader(
    'X-Request-Id',
    given !== undefined && SANE_REQUEST_ID.test(given) ? given : randomUUID(),
  );
  next();
}

/**
 * Writes one line a request when its answer is sent, or when the client left before that.
 *
 * @param structured as an object, for a log of JSON; else as a line for people.
 */
export function requestLog(structured: boolean, logger = new Logger('Http')) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const start = performance.now();
    response.once('close', () => {
      const { method, originalUrl: url } = request;
      const { statusCode: status } = response;
      const durationMs = Math.round((performance.now() - start) * 100) / 100;
      const requestId = requestIdOf(response);
      const aborted = !response.writableFinished;
      const line = structured
        ? { method, url, status, durationMs, requestId, ...(aborted && { aborted }) }
        : `${method} ${url} ${status} ${durationMs} ms ${requestId}${aborted ? ' (the client left)' : ''}`;
      if (status >= 500) logger.warn(line);
      else logger.log(line);
    });
    next();
  };
}
