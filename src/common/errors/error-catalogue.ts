import { HttpStatus, type LogLevel } from '@nestjs/common';

/** RFC 6585; Nest's list of statuses lacks it. */
const REQUEST_HEADER_FIELDS_TOO_LARGE = 431;

/** The stable codes that clients can rely on. */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'MALFORMED_JSON'
  | 'BAD_REQUEST'
  | 'INVALID_CURSOR'
  | 'SESSION_NOT_FOUND'
  | 'EVENT_NOT_FOUND'
  | 'SESSION_DELETED'
  | 'ROUTE_NOT_FOUND'
  | 'CROSS_ORIGIN_REFUSED'
  | 'HOST_REFUSED'
  | 'METHOD_NOT_ALLOWED'
  | 'REQUEST_TIMEOUT'
  | 'SESSION_CONFLICT'
  | 'EVENT_CONFLICT'
  | 'DUPLICATE_KEY'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'HEADERS_TOO_LARGE'
  | 'INTERNAL'
  | 'TOO_MANY_FOLLOWERS'
  | 'STORE_UNAVAILABLE';

export interface ErrorEntry {
  readonly status: number;
  /** The level at which the exception filter logs the error, in addition to the request's own line. */
  readonly logLevel: LogLevel;
  /** When it happens, in a sentence; shown in OpenAPI and, checked by a test, in docs/errors.md. */
  readonly meaning: string;
}

/** All errors that the service sends. A code without an entry does not compile. */
export const errorCatalogue: Readonly<Record<ErrorCode, ErrorEntry>> = {
  VALIDATION_FAILED: {
    status: HttpStatus.BAD_REQUEST,
    logLevel: 'debug',
    meaning: 'A field, parameter or header is invalid; `details` names each.',
  },
  MALFORMED_JSON: {
    status: HttpStatus.BAD_REQUEST,
    logLevel: 'debug',
    meaning: 'The body is not JSON in UTF-8.',
  },
  BAD_REQUEST: {
    status: HttpStatus.BAD_REQUEST,
    logLevel: 'debug',
    meaning:
      'The request is broken: it is not HTTP/1.1, its path is not correctly percent-encoded, or its body was cut off or can’t be decompressed.',
  },
  INVALID_CURSOR: {
    status: HttpStatus.BAD_REQUEST,
    logLevel: 'debug',
    meaning:
      'The cursor was altered, belongs to another session or list, or was sent with another sort, order or filter.',
  },
  CROSS_ORIGIN_REFUSED: {
    status: HttpStatus.FORBIDDEN,
    logLevel: 'debug',
    meaning: 'A write from a web page whose origin is neither the service’s own nor in CORS_ORIGINS.',
  },
  HOST_REFUSED: {
    status: HttpStatus.FORBIDDEN,
    logLevel: 'debug',
    meaning:
      'The `Host` is neither a loopback name nor in ALLOWED_HOSTS; checked if the service listens on a loopback address or ALLOWED_HOSTS is set.',
  },
  SESSION_NOT_FOUND: {
    status: HttpStatus.NOT_FOUND,
    logLevel: 'debug',
    meaning: 'No session has this sessionId.',
  },
  EVENT_NOT_FOUND: {
    status: HttpStatus.NOT_FOUND,
    logLevel: 'debug',
    meaning: 'The session has no event with this eventId.',
  },
  SESSION_DELETED: {
    status: HttpStatus.GONE,
    logLevel: 'debug',
    meaning: 'The session was deleted. Its id can’t be used again.',
  },
  ROUTE_NOT_FOUND: {
    status: HttpStatus.NOT_FOUND,
    logLevel: 'debug',
    meaning: 'The service has no such path.',
  },
  METHOD_NOT_ALLOWED: {
    status: HttpStatus.METHOD_NOT_ALLOWED,
    logLevel: 'debug',
    meaning: 'The path does not support this method; `Allow` lists those it supports.',
  },
  REQUEST_TIMEOUT: {
    status: HttpStatus.REQUEST_TIMEOUT,
    logLevel: 'debug',
    meaning:
      'The request did not arrive completely in time, or the service had no room to wait for the rest.',
  },
  SESSION_CONFLICT: {
    status: HttpStatus.CONFLICT,
    logLevel: 'debug',
    meaning: 'Under `Prefer: handling=strict`: the sessionId is taken by a session with other content.',
  },
  EVENT_CONFLICT: {
    status: HttpStatus.CONFLICT,
    logLevel: 'debug',
    meaning: 'Under `Prefer: handling=strict`: the eventId is taken by an event with other content.',
  },
  DUPLICATE_KEY: {
    status: HttpStatus.CONFLICT,
    logLevel: 'warn',
    meaning: 'A unique index refused the write for an unknown reason.',
  },
  PAYLOAD_TOO_LARGE: {
    status: HttpStatus.PAYLOAD_TOO_LARGE,
    logLevel: 'debug',
    meaning: 'The body is larger than the limit.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: HttpStatus.UNSUPPORTED_MEDIA_TYPE,
    logLevel: 'debug',
    meaning:
      'The body is not sent as application/json (a PATCH as application/merge-patch+json) in UTF-8, or in an unknown content encoding.',
  },
  HEADERS_TOO_LARGE: {
    status: REQUEST_HEADER_FIELDS_TOO_LARGE,
    logLevel: 'debug',
    meaning: 'The request line and the headers are larger than 16 KiB together.',
  },
  INTERNAL: {
    status: HttpStatus.INTERNAL_SERVER_ERROR,
    logLevel: 'error',
    meaning: 'A fault of the service; its log has the cause under the requestId.',
  },
  TOO_MANY_FOLLOWERS: {
    status: HttpStatus.SERVICE_UNAVAILABLE,
    logLevel: 'warn',
    meaning: 'MAX_FOLLOWERS requests already wait or stream. Try again after `Retry-After` seconds.',
  },
  STORE_UNAVAILABLE: {
    status: HttpStatus.SERVICE_UNAVAILABLE,
    logLevel: 'warn',
    meaning: 'The store did not answer in time, or is overloaded. Safe to retry after `Retry-After` seconds.',
  },
};
