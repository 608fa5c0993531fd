import { type LogLevel } from '@nestjs/common';

export interface ErrorEntry {
  readonly status: number;
  /** When it happens, in a sentence; shown in OpenAPI and, checked by a test, in docs/errors.md. */
  readonly meaning: string;
  /** The level at which the exception filter logs the error, in addition to the request's own line. */
  readonly logLevel: LogLevel;
}

/** Errors of clients are no event for those who run the service: their lines are logged at `debug`. */
function entry(status: number, meaning: string, logLevel: LogLevel = 'debug'): ErrorEntry {
  return { status, meaning, logLevel };
}

const entries = {
  VALIDATION_FAILED: entry(400, 'A field, parameter or header is invalid; `details` names each.'),
  MALFORMED_JSON: entry(400, 'The body is not JSON in UTF-8.'),
  BAD_REQUEST: entry(
    400,
    'The request is broken: its path is not correctly percent-encoded, or its body was cut off or can’t be decompressed.',
  ),
  INVALID_CURSOR: entry(
    400,
    'The cursor was altered, belongs to another session or list, or was sent with another sort, order or filter.',
  ),
  CROSS_ORIGIN_REFUSED: entry(
    403,
    'A write from a web page whose origin is neither the service’s own nor in CORS_ORIGINS.',
  ),
  HOST_REFUSED: entry(
    403,
    'The `Host` is a name other than `localhost` that is not in ALLOWED_HOSTS; checked if the service listens on a loopback address or ALLOWED_HOSTS is set.',
  ),
  SESSION_NOT_FOUND: entry(404, 'No session has this sessionId.'),
  EVENT_NOT_FOUND: entry(404, 'The session has no event with this eventId.'),
  SESSION_DELETED: entry(410, 'The session was deleted. Its id can’t be used again.'),
  ROUTE_NOT_FOUND: entry(404, 'The service has no such path.'),
  METHOD_NOT_ALLOWED: entry(405, 'The path does not support this method; `Allow` lists those it supports.'),
  SESSION_CONFLICT: entry(
    409,
    'Under `Prefer: handling=strict`: the sessionId is taken by a session with other content.',
  ),
  EVENT_CONFLICT: entry(
    409,
    'Under `Prefer: handling=strict`: the eventId is taken by an event with other content.',
  ),
  DUPLICATE_KEY: entry(409, 'A unique index refused the write for an unknown reason.', 'warn'),
  PAYLOAD_TOO_LARGE: entry(413, 'The body is larger than the limit.'),
  UNSUPPORTED_MEDIA_TYPE: entry(
    415,
    'The body is not sent as application/json (a PATCH as application/merge-patch+json) in UTF-8, or in an unknown content encoding.',
  ),
  INTERNAL: entry(500, 'A fault of the service; its log has the cause under the requestId.', 'error'),
  TOO_MANY_FOLLOWERS: entry(
    503,
    'MAX_FOLLOWERS requests already wait or stream. Try again after `Retry-After` seconds.',
    'warn',
  ),
  STORE_UNAVAILABLE: entry(
    503,
    'The store did not answer in time, or the service has too much to do. Safe to retry after `Retry-After` seconds.',
    'warn',
  ),
};

/** The stable codes that clients can rely on. */
export type ErrorCode = keyof typeof entries;

/** All errors that the service sends. */
export const errorCatalogue: Readonly<Record<ErrorCode, ErrorEntry>> = entries;
