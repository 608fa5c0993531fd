import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath, type ApiResponseOptions } from '@nestjs/swagger';
import { DomainError, errorBody } from '../errors/domain-error.js';
import { errorCatalogue, type ErrorCode } from '../errors/error-catalogue.js';
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

const REQUEST = {
  path: `/sessions/${EXAMPLE.sessionId}/events`,
  method: 'POST',
  requestId: '7b1d5c0e-9d38-4f0b-8f6e-2d8a3f1f6a11',
};

/** An example of each error, which the description defines once. */
export function errorExamples(): Readonly<Record<string, { summary: string; value: object }>> {
  return Object.fromEntries(
    (Object.keys(errorCatalogue) as ErrorCode[]).map((code) => {
      const { meaning } = errorCatalogue[code];
      const value = {
        ...errorBody(new DomainError(code, meaning), REQUEST),
        timestamp: '2026-03-01T12:00:01.312Z',
      };
      return [code, { summary: meaning, value }];
    }),
  );
}
