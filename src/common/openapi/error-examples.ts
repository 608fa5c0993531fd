import { STATUS_CODES } from 'node:http';
import { InvalidCursorError } from '../http/cursor.js';
import { StoreUnavailableError, type ErrorDetail } from '../errors/domain-error.js';
import { errorCatalogue, type ErrorCode } from '../errors/error-catalogue.js';
import { JSON_ONLY } from '../http/json-body.js';
import { identifierRule } from '../validation/validators.js';

/** The messages of examples for which the catalogue's sentence is too general. */
const MESSAGES: Partial<Record<ErrorCode, string | readonly ErrorDetail[] | undefined>> = {
  VALIDATION_FAILED: [
    { field: 'eventId', message: identifierRule('eventId') },
    { field: 'payload', message: '/payload/text contains a NUL character' },
  ],
  MALFORMED_JSON: 'The body is not valid JSON: Unexpected end of JSON input',
  BAD_REQUEST: "Failed to decode param '%ZZ'",
  INVALID_CURSOR: new InvalidCursorError().details,
  CROSS_ORIGIN_REFUSED: 'A page of https://other.example may not write here; CORS_ORIGINS says whose may',
  HOST_REFUSED: 'The service is not called "other.example"; ALLOWED_HOSTS says what else',
  SESSION_NOT_FOUND: 'There is no session "call-2026-03-01-0001"',
  SESSION_DELETED: 'Session "call-2026-03-01-0001" was deleted',
  SESSION_CONFLICT: 'Session "call-2026-03-01-0001" exists already with other content; nothing was changed',
  EVENT_CONFLICT:
    'Event "evt-0001" of session "call-2026-03-01-0001" is stored already with other content; nothing was changed',
  PAYLOAD_TOO_LARGE: 'The body is larger than the limit',
  UNSUPPORTED_MEDIA_TYPE: JSON_ONLY,
  INTERNAL: 'Internal server error',
  STORE_UNAVAILABLE: new StoreUnavailableError().message,
};

const SESSION = '/sessions/call-2026-03-01-0001';

/** The request, if it was not an append. */
const REQUESTS: Partial<Record<ErrorCode, readonly [method: string, path: string]>> = {
  INVALID_CURSOR: ['GET', `${SESSION}?cursor=abc`],
  BAD_REQUEST: ['GET', '/sessions/%ZZ'],
  SESSION_CONFLICT: ['POST', '/sessions'],
};

/** An error response as an OpenAPI example. */
export function errorExample(code: ErrorCode): { summary: string; value: object } {
  const { status, meaning } = errorCatalogue[code];
  const message = MESSAGES[code] ?? meaning;
  const [method, path] = REQUESTS[code] ?? ['POST', `${SESSION}/events`];
  return {
    summary: meaning,
    value: {
      statusCode: status,
      error: STATUS_CODES[status],
      code,
      ...(typeof message === 'string'
        ? { message }
        : { message: message.map((detail) => detail.message), details: message }),
      path,
      method,
      timestamp: '2026-03-01T12:00:01.312Z',
      requestId: '7b1d5c0e-9d38-4f0b-8f6e-2d8a3f1f6a11',
    },
  };
}
