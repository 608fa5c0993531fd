import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath, type ApiResponseOptions } from '@nestjs/swagger';
import { StoreUnavailableError, type ErrorDetail } from '../errors/domain-error.js';
import { errorCatalogue, type ErrorCode } from '../errors/error-catalogue.js';
import { InvalidCursorError } from '../http/cursor.js';
import { JSON_ONLY } from '../http/json-body.js';
import { idRule } from '../validation/fields.js';
import { ErrorResponse } from './error-response.dto.js';
import { EXAMPLE } from './guide.js';
import { headers, type ResponseHeader } from './headers.js';

/** The headers that belong to a status, whatever the code. */
const HEADERS_OF: Readonly<Record<number, readonly ResponseHeader[] | undefined>> = {
  400: ['Preference-Applied'],
  409: ['Preference-Applied'],
  415: ['Accept-Patch'],
  503: ['Retry-After'],
};

/** The possible errors of any request with a body. */
export const BODY_ERRORS: readonly ErrorCode[] = [
  'VALIDATION_FAILED',
  'MALFORMED_JSON',
  'BAD_REQUEST',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'CROSS_ORIGIN_REFUSED',
];

/** The possible errors of any request about one session. */
export const SESSION_ERRORS: readonly ErrorCode[] = [
  'VALIDATION_FAILED',
  'BAD_REQUEST',
  'SESSION_NOT_FOUND',
  'SESSION_DELETED',
  'STORE_UNAVAILABLE',
];

/** Declares the errors of an operation, in addition to those of all operations: one response per status. */
export function ApiErrors(...codes: readonly ErrorCode[]): MethodDecorator {
  return ApiProbeErrors(...codes, 'HOST_REFUSED');
}

/** The same for probes, which are answered whatever their `Host`. */
export function ApiProbeErrors(...codes: readonly ErrorCode[]): MethodDecorator {
  const all = [...new Set<ErrorCode>([...codes, 'INTERNAL'])];
  const statuses = new Set(all.map((code) => errorCatalogue[code].status));
  const responses = [...statuses].map((status) =>
    errorResponse(
      status,
      all.filter((code) => errorCatalogue[code].status === status),
    ),
  );
  return applyDecorators(ApiExtraModels(ErrorResponse), ...responses.map((each) => ApiResponse(each)));
}

/** The response for the errors of one status, with an example for each code. */
function errorResponse(status: number, codes: readonly ErrorCode[]): ApiResponseOptions {
  return {
    status,
    description: `${STATUS_CODES[status] ?? ''}: ${codes.map((code) => `\`${code}\``).join(', ')}`,
    headers: headers(...(HEADERS_OF[status] ?? [])),
    content: {
      'application/json': {
        schema: { $ref: getSchemaPath(ErrorResponse) },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

const { sessionId, eventId } = EXAMPLE;

/** The messages of examples for which the catalogue's sentence is too general. */
const MESSAGES: Partial<Record<ErrorCode, string | readonly ErrorDetail[] | undefined>> = {
  VALIDATION_FAILED: [
    { field: 'eventId', message: idRule('eventId') },
    { field: 'payload', message: '/payload/text contains a NUL character' },
  ],
  MALFORMED_JSON: 'The body is not valid JSON: Unexpected end of JSON input',
  BAD_REQUEST: "Failed to decode param '%ZZ'",
  INVALID_CURSOR: new InvalidCursorError().details,
  CROSS_ORIGIN_REFUSED: 'A page of https://other.example may not write here; CORS_ORIGINS says whose may',
  HOST_REFUSED: 'The service is not called "other.example"; ALLOWED_HOSTS says what else',
  SESSION_NOT_FOUND: `There is no session "${sessionId}"`,
  SESSION_DELETED: `Session "${sessionId}" was deleted`,
  SESSION_CONFLICT: `Session "${sessionId}" exists already with other content; nothing was changed`,
  EVENT_CONFLICT: `Event "${eventId}" of session "${sessionId}" is stored already with other content; nothing was changed`,
  PAYLOAD_TOO_LARGE: 'The body is larger than the limit',
  UNSUPPORTED_MEDIA_TYPE: JSON_ONLY,
  INTERNAL: 'Internal server error',
  STORE_UNAVAILABLE: new StoreUnavailableError().message,
};

/** The request, if it was not an append. */
const REQUESTS: Partial<Record<ErrorCode, readonly [method: string, path: string]>> = {
  INVALID_CURSOR: ['GET', `/sessions/${sessionId}?cursor=abc`],
  BAD_REQUEST: ['GET', '/sessions/%ZZ'],
  SESSION_CONFLICT: ['POST', '/sessions'],
};

/** An example of each error, which the description defines once. */
export function errorExamples(): Readonly<Record<string, { summary: string; value: object }>> {
  const codes = Object.keys(errorCatalogue) as ErrorCode[];
  return Object.fromEntries(codes.map((code) => [code, errorExample(code)]));
}

/** An error response as an OpenAPI example. */
export function errorExample(code: ErrorCode): { summary: string; value: object } {
  const { status, meaning } = errorCatalogue[code];
  const message = MESSAGES[code] ?? meaning;
  const [method, path] = REQUESTS[code] ?? ['POST', `/sessions/${sessionId}/events`];
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
